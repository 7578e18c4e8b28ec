-- question: How many women and men work in each region?
-- grain: one row per region
-- by: region
select region, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by region
