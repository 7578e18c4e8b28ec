-- Every file is one entity's figures for one quarter, in the order of the release; the variables say, file by file,
-- for which quarter and entity. Files stand in order, so nothing is sorted here and nothing is joined. Ids are packed
-- into two integers a row (widths: codes.py, BITS).
insert into staff
select
    getvariable('quarters')[file_index::bigint + 1] as quarter,
    getvariable('entities')[file_index::bigint + 1] as entity,
    (cell >> 21 & 1023)::usmallint as department,
    (derived >> 25 & 15)::usmallint as category,
    (cell >> 43 & 255)::usmallint as grade,
    (cell >> 51 & 1023)::usmallint as unct,
    (derived >> 15 & 1023)::usmallint as country,
    (cell >> 31 & 4095)::usmallint as duty_station,
    (derived >> 11 & 15)::usmallint as region,
    (derived >> 8 & 7)::usmallint as headquarters,
    (cell >> 16 & 31)::usmallint as age_group,
    (cell & 7)::usmallint as rc,
    (cell >> 7 & 511)::usmallint as nationality,
    (derived >> 4 & 15)::usmallint as nationality_region,
    (derived & 15)::usmallint as regional_group,
    (cell >> 3 & 15)::usmallint as appointment,
    women,
    men,
    other
from read_parquet(getvariable('files'))
