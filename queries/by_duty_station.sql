-- question: How many women and men work at each duty station?
-- grain: one row per duty station
-- by: duty_station
select duty_station, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by duty_station
