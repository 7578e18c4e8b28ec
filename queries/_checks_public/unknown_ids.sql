-- question: Which ids of the public file stand for no code or no table?
-- grain: one row per failure
-- 65535 stands for "no such key"; ids count up without gaps, so what lies above the highest one is an orphan.
with highest as (
    select dimension, max(id) as id
    from codes
    group by dimension
),

found as (
    select 'quarter' as dimension, max(quarter) filter (where quarter <> 65535) as id from cells
    union all
    select 'quarter' as dimension, max(quarter) filter (where quarter <> 65535) as id from withheld
    union all
    select 'entity' as dimension, max(entity) filter (where entity <> 65535) as id from cells
    union all
    select 'entity' as dimension, max(entity) filter (where entity <> 65535) as id from withheld
    union all
    select 'category' as dimension, max(category) filter (where category <> 65535) as id from cells
    union all
    select 'grade' as dimension, max(grade) filter (where grade <> 65535) as id from cells
    union all
    select 'department' as dimension, max(department) as id from staff_core
    union all
    select 'department' as dimension, max(department) as id from staff_core_change
    union all
    select 'department' as dimension, max(department) as id from movements
    union all
    select "tables".keys[1] as dimension, max(cells.member) as id
    from cells
    inner join "tables" on cells.tbl = "tables".id
    group by "tables".keys[1]
    union all
    select "tables".keys[1] as dimension, max(withheld.member) filter (where withheld.member <> 65535) as id
    from withheld
    inner join "tables" on withheld.tbl = "tables".id
    group by "tables".keys[1]
)

select found.dimension, found.id
from found
left join highest on found.dimension = highest.dimension
where found.id is not null and (highest.id is null or found.id > highest.id)
union all
select 'table' as dimension, cells.tbl as id
from cells
anti join "tables" on cells.tbl = "tables".id
