-- question: How are women and men distributed over age groups?
-- grain: one row per age group
-- by: age_group
select age_group, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by age_group
order by age_group
