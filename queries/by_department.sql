-- question: How many women and men does each department, office or mission have?
-- grain: one row per department
-- by: department
select department, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by department
order by department
