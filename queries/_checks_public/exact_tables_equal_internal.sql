-- question: Which cells of exact tables differ from the figures they are counted from?
-- grain: one row per failure
with truth as (
    select 'region+rc' as name, quarter, region as member, 65535 as category, sum(women) as women, sum(men) as men
    from i.staff_core
    where rc = (select id from i.codes where dimension = 'rc' and code = 'yes')
    group by all
    union all
    select 'unct+rc' as name, quarter, codes.id as member, 65535 as category, sum(women), sum(men)
    from i.staff_core
    inner join i.codes as known on known.dimension = 'unct' and i.staff_core.unct = known.id
    inner join codes on codes.dimension = 'unct' and known.code = codes.code
    where rc = (select id from i.codes where dimension = 'rc' and code = 'yes')
    group by all
),

found as (
    select "tables".name, cells.*
    from cells
    inner join "tables" on cells.tbl = "tables".id
    where "tables".protection = 'exact'
)

select coalesce(truth.name, found.name) as name, coalesce(truth.quarter, found.quarter) as quarter,
    coalesce(truth.member, found.member) as member
from (
    from truth
    where women + men > 0 and name in (select name from "tables" where protection = 'exact')
) as truth
full join found
    on
        truth.name = found.name and truth.quarter = found.quarter and truth.member = found.member
        and truth.category = found.category
where truth.women is distinct from found.women or truth.men is distinct from found.men
