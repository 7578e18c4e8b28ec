-- question: How many staff are women, and how has that changed since the last quarter and the last year?
-- grain: one row per quarter and basis: all entities now; now and then over the entities comparable with the
--        quarter before; now and then over the entities comparable with a year before
-- by: quarter basis
-- fold: comparison
-- Counted by entity: which entities can be compared is known from the release's coverage, and `ask` adds them up.
select
    quarter, entity,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected_in($selection)
group by quarter, entity
