-- question: How many women and men are there among the military and police personnel of each region's countries?
-- grain: one row per region of contributing countries, on the one day that is published
-- by: contributor_region
-- population: uniformed
select
    contributor_region, sum(women)::integer as women, sum(men)::integer as men, 0 as other,
    max(as_of) as as_of, max(flag) as flag, max(source) as source
from w.uniformed
where contributor is not null
group by contributor_region
order by contributor_region
