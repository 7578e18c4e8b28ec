-- question: How many women or men are needed to reach parity, by staff category and duty station?
-- grain: one row per category and duty station that have staff
-- by: category duty_station
select category, duty_station, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by category, duty_station
