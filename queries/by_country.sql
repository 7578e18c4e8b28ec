-- question: How many women and men work in each country or territory?
-- grain: one row per country or territory
-- by: country
select country, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by country
