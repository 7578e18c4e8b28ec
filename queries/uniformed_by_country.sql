-- question: How many women and men are there among the military and police personnel of each contributing country?
-- grain: one row per contributing country, on the one day that is published
-- by: contributor
-- population: uniformed
select contributor, women, men, 0 as other, as_of, flag, source
from w.uniformed
where contributor is not null
order by contributor
