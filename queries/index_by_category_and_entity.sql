-- question: How many women or men are needed to reach parity, by staff category and entity?
-- grain: one row per category and entity that have staff
-- by: category entity
select category, entity, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by category, entity
