-- Every file is one entity's figures for one quarter, in the order of the release; the variables say, file by file,
-- for which quarter and entity. Ids are packed into two integers a row (widths: codes.py, BITS), so that two columns and
-- `cell` are the order of the release. `record_keys` holds the key of each record by what record_places.sql packs.
insert into staff
with filed as (
    select
        getvariable('quarters')[file_index::bigint + 1] as quarter,
        getvariable('entities')[file_index::bigint + 1] as entity,
        cell, derived, women, men, other
    from read_parquet(getvariable('files'))
)

select
    quarter,
    entity,
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
    other,
    record_keys.key
from filed
inner join record_keys
    on
        filed.entity::ubigint << 22 | (filed.cell >> 21 & 4194303) << 8 | (filed.cell >> 43 & 255) << 3 | (filed.cell & 7)
        = record_keys.place
order by filed.quarter, filed.entity, filed.cell
