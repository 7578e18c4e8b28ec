-- question: Which quarters and entities have no line in the coverage, or more than one?
-- grain: one row per failure
select quarters.code as quarter, entities.code as entity, count(coverage.quarter) as found
from codes as quarters
cross join codes as entities
left join coverage on quarters.id = coverage.quarter and entities.id = coverage.entity
where quarters.dimension = 'quarter' and entities.dimension = 'entity'
group by quarters.code, entities.code
having count(coverage.quarter) <> 1
