-- question: How many Resident Coordinators are women?
-- grain: one row per Resident Coordinator yes / no
-- by: rc
select rc, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by rc
