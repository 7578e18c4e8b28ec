-- question: How many women and men does each department, office or mission have?
-- grain: one row per department
-- by: department
select department, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by department
