-- question: Which quarters of the release have no coverage of any entity?
-- grain: one row per failure
select quarters.code as quarter
from codes as quarters
left join coverage on quarters.id = coverage.quarter
where quarters.dimension = 'quarter' and coverage.quarter is null
