-- question: How many women and men come from each region?
-- grain: one row per region of nationality
-- by: nationality_region
select nationality_region, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by nationality_region
