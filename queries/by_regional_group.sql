-- question: How many women and men come from each UN regional group?
-- grain: one row per UN regional group
-- by: regional_group
select regional_group, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by regional_group
order by regional_group
