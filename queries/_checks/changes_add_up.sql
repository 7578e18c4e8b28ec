-- question: For which quarters and entities do the changes not add up to the figures?
-- grain: one row per failure
-- By entity and grade, which is where a wrong change would show first.
with summed as (
    select
        quarters.id as quarter,
        changes.entity,
        changes.grade,
        sum(changes.women) as women,
        sum(changes.men) as men,
        sum(changes.other) as other
    from (
        select quarter, entity, grade, sum(women) as women, sum(men) as men, sum(other) as other
        from staff_change
        group by quarter, entity, grade
    ) as changes
    inner join codes as quarters on quarters.dimension = 'quarter' and changes.quarter <= quarters.id
    group by quarters.id, changes.entity, changes.grade
),

counted as (
    select quarter, entity, grade, sum(women) as women, sum(men) as men, sum(other) as other
    from staff
    group by quarter, entity, grade
)

select
    coalesce(summed.quarter, counted.quarter) as quarter,
    coalesce(summed.entity, counted.entity) as entity,
    coalesce(summed.grade, counted.grade) as grade
from summed
full join counted
    on summed.quarter = counted.quarter and summed.entity = counted.entity and summed.grade = counted.grade
where
    coalesce(summed.women, 0) <> coalesce(counted.women, 0)
    or coalesce(summed.men, 0) <> coalesce(counted.men, 0)
    or coalesce(summed.other, 0) <> coalesce(counted.other, 0)
