-- question: How are women and men distributed over age groups?
-- grain: one row per age group
-- by: age_group
select age_group, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by age_group
