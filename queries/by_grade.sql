-- question: How are women and men distributed over grades?
-- grain: one row per grade, most senior first
-- by: grade
select grade, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by grade
