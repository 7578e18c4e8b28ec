-- question: How are women and men distributed over grades?
-- grain: one row per grade, most senior first
-- by: grade
select grade, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by grade
order by grade
