-- question: How many women and men does each nationality have?
-- grain: one row per nationality
-- by: nationality
select nationality, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by nationality
order by nationality
