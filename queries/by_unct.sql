-- question: How many women and men work in the countries of each UN country team?
-- grain: one row per UN country team
-- by: unct
select unct, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by unct
