-- question: How are women and men distributed over staff categories?
-- grain: one row per category
-- by: category
select category, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by category
order by category
