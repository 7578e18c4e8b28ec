-- question: How many women and men does each nationality have?
-- grain: one row per nationality
-- by: nationality
select nationality, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by nationality
