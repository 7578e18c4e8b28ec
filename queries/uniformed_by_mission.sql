-- question: How many women and men were there on average of a year among each mission's military and police personnel?
-- grain: one row per year and mission; approximate
-- by: year mission
-- population: uniformed
select "year", mission, women, men, 0 as other, as_of, flag, source
from w.uniformed
where mission is not null
order by "year", mission
