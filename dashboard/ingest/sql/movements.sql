-- As in staff.sql.
insert into movements
select
    getvariable('quarters')[file_index::bigint + 1] as quarter,
    getvariable('entities')[file_index::bigint + 1] as entity,
    (cell >> 11 & 1023)::usmallint as department,
    (cell >> 3 & 255)::usmallint as grade,
    derived::usmallint as category,
    (cell & 7)::usmallint as kind,
    women,
    men,
    other
from read_parquet(getvariable('files'))
