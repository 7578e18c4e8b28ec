-- question: How has the balance of women and men developed?
-- grain: one row per quarter up to the chosen one, and basis: all entities, or the same entities throughout
-- by: quarter basis
-- fold: cumulation
-- Read from quarter-to-quarter differences by entity, which `ask` sums up: the same numbers from far fewer rows.
select
    quarter, entity,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from changed($selection)
group by quarter, entity
