-- question: How many women and men work in each region?
-- grain: one row per region
-- by: region
select region, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by region
order by region
