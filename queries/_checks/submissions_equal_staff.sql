-- question: For which quarters, entities and grades do the figures differ from what was accepted?
-- grain: one row per failure
-- `accepted` is made from the manifests of the submissions, which were written when they were checked: another way
-- than the one by which the figures came here.
with counted as (
    select
        staff.quarter,
        staff.entity,
        case when staff.appointment = temporary.id then 'temporary' else grades.code end as grade,
        sum(staff.women) as women,
        sum(staff.men) as men,
        sum(staff.other) as other
    from staff
    inner join codes as grades on grades.dimension = 'grade' and staff.grade = grades.id
    cross join (select id from codes where dimension = 'appointment' and code = 'TA') as temporary
    group by all
)

select
    coalesce(accepted.quarter, counted.quarter) as quarter,
    coalesce(accepted.entity, counted.entity) as entity,
    coalesce(accepted.grade, counted.grade) as grade,
    accepted.women as accepted_women,
    counted.women as women,
    accepted.men as accepted_men,
    counted.men as men
from accepted
full join counted
    on accepted.quarter = counted.quarter and accepted.entity = counted.entity and accepted.grade = counted.grade
where
    coalesce(accepted.women, 0) <> coalesce(counted.women, 0)
    or coalesce(accepted.men, 0) <> coalesce(counted.men, 0)
    or coalesce(accepted.other, 0) <> coalesce(counted.other, 0)
