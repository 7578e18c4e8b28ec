-- question: How many women or men are needed to reach parity, by staff category and UN country team?
-- grain: one row per category and UN country team that have staff
-- by: category unct
select category, unct, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by category, unct
