-- question: How many Resident Coordinators are women?
-- grain: one row per Resident Coordinator yes / no
-- by: rc
select rc, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by rc
order by rc
