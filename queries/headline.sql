-- question: How many staff are women, and how has that changed since the last quarter and the last year?
-- grain: one row per quarter and basis: all entities now; now and then over the entities comparable with the
--        quarter before; now and then over the entities comparable with a year before
-- by: quarter basis
-- fold: comparison
-- against: previous_quarter previous_year
-- Word for word the statement of the trend, so that a page with both has its rows once; `ask` sums up what it needs.
select
    quarter, entity,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from changed($selection)
group by quarter, entity
