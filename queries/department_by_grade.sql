-- question: How many women and men does each department, office or mission have at each grade?
-- grain: one row per department and grade that have staff
-- by: department grade
select department, grade, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by department, grade
