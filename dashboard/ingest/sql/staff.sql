-- Every file is one entity's figures for one quarter, in the order of the release; the variables say, file by file,
-- for which quarter and entity. Files stand in order, so nothing is sorted here and nothing is joined.
insert into staff
select
    getvariable('quarters')[file_index::bigint + 1] as quarter,
    getvariable('entities')[file_index::bigint + 1] as entity,
    department, category, grade, unct, country, duty_station, region, headquarters, age_group, rc,
    nationality, nationality_region, regional_group, appointment, women, men, other
from read_parquet(getvariable('files'))
