-- question: How many women and men does each UN country team have at each grade?
-- grain: one row per UN country team and grade that have staff
-- by: grade unct
select grade, unct, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by grade, unct
