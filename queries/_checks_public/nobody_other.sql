-- question: Where does the public file tell of somebody other or not disclosed, except rounded and system-wide, or of a
--           submission?
-- grain: one row per table that does, and how often
-- How many are other is compared with the truth in the quarters that this release tells.
select 'staff_core' as in_table, count(*) as found
from staff_core
where other <> 0
having count(*) > 0
union all
select 'staff_core_change' as in_table, count(*) as found
from staff_core_change
where other <> 0
having count(*) > 0
union all
select 'movements' as in_table, count(*) as found
from movements
where other <> 0
having count(*) > 0
union all
select 'coverage' as in_table, count(*) as found
from coverage
where
    other is not null or temporary is not null or submission is not null
    or submitted_at <> date_trunc('day', submitted_at)
having count(*) > 0
union all
select 'other_shown' as in_table, count(*) as found
from other_shown
full join i.other_shown as inside on other_shown.quarter = inside.quarter and other_shown.other = inside.other
left join (
    select told.quarter
    from told
    inner join meta on meta.key = 'name' and told.release = meta.value
) as mine on other_shown.quarter = mine.quarter
left join (
    select
        (value::json ->> 'base')::integer as base, (value::json ->> 'other_from')::integer as other_from,
        (value::json ->> 'base')::integer - 1 + 2 * (value::json ->> 'offset')::integer as error
    from meta
    where key = 'policy'
) as policy on true
left join (
    select quarter, sum(other) as other
    from i.staff_core
    group by quarter
) as truth on other_shown.quarter = truth.quarter
-- What cannot be compared, since the policy or one side is missing, is a failure and not a pass.
where
    not coalesce(
        other_shown.other % policy.base = 0 and other_shown.other >= policy.other_from
        and (mine.quarter is null or abs(other_shown.other - truth.other) <= policy.error)
        and inside.other is not null,
        false
    )
having count(*) > 0
union all
-- Once a quarter: the same twice would join as one.
select 'other_shown' as in_table, count(*) - count(distinct quarter) as found
from other_shown
having count(*) > count(distinct quarter)
