insert into movements
select
    getvariable('quarters')[file_index::bigint + 1] as quarter,
    getvariable('entities')[file_index::bigint + 1] as entity,
    department, grade, category, kind, women, men, other
from read_parquet(getvariable('files'))
