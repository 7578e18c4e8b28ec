-- Every combination of entity, duty station, department, grade and Resident Coordinator there is, packed into one integer
-- (widths: codes.py, BITS; operators all bind alike, from the left): what a record's key is made of.
select distinct
    getvariable('entities')[file_index::bigint + 1]::ubigint << 22
    | (cell >> 21 & 4194303) << 8 | (cell >> 43 & 255) << 3 | (cell & 7) as place
from read_parquet(getvariable('files'))
order by place
