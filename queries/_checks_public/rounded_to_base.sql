-- question: Which cells of rounded tables are no multiple of the base, or show nobody?
-- grain: one row per failure
select "tables".name, cells.quarter, cells.member, cells.women, cells.men
from cells
inner join "tables" on cells.tbl = "tables".id
cross join (select (value::json ->> 'base')::integer as base from meta where key = 'policy') as policy
where
    "tables".protection = 'rounded'
    and (cells.women % policy.base <> 0 or cells.men % policy.base <> 0 or cells.women + cells.men <= 0)
