-- question: How are women and men distributed over appointment types?
-- grain: one row per appointment type
-- by: appointment
select appointment, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by appointment
order by appointment
