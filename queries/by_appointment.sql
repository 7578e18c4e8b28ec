-- question: How are women and men distributed over appointment types?
-- grain: one row per appointment type
-- by: appointment
select appointment, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by appointment
