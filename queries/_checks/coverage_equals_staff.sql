-- question: For which quarters and entities do the figures and what is said about them differ?
-- grain: one row per failure
with counted as (
    select
        quarter,
        entity,
        sum(women) filter (where appointment <> temporary.id) as women,
        sum(men) filter (where appointment <> temporary.id) as men,
        sum(other) filter (where appointment <> temporary.id) as other,
        sum(women::integer + men) filter (where appointment = temporary.id) as temporary
    from staff
    cross join (select id from codes where dimension = 'appointment' and code = 'TA') as temporary
    group by quarter, entity
)

select
    coalesce(coverage.quarter, counted.quarter) as quarter,
    coalesce(coverage.entity, counted.entity) as entity,
    coverage.state
from coverage
full join counted on coverage.quarter = counted.quarter and coverage.entity = counted.entity
where
    coverage.state is null
    or coverage.women <> coalesce(counted.women, 0)
    or coverage.men <> coalesce(counted.men, 0)
    or coverage.other <> coalesce(counted.other, 0)
    or coverage.temporary <> coalesce(counted.temporary, 0)
    or coverage.staff <> coverage.women + coverage.men
    or (coverage.state in ('not-submitted', 'not-participant') and counted.quarter is not null)
    or (coverage.state in ('reported', 'carried', 'partial') and coverage.source_quarter is null)
    or (coverage.state in ('reported', 'partial') and coverage.source_quarter <> coverage.quarter)
    or (coverage.state = 'carried' and coverage.source_quarter >= coverage.quarter)
    or coverage.state not in ('reported', 'carried', 'partial', 'not-submitted', 'not-participant')
