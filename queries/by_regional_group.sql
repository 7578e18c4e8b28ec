-- question: How many women and men come from each UN regional group?
-- grain: one row per UN regional group
-- by: regional_group
select regional_group, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by regional_group
