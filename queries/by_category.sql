-- question: How are women and men distributed over staff categories?
-- grain: one row per category
-- by: category
select category, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by category
