-- question: How has the balance of women and men developed in each entity?
-- grain: one row per quarter up to the chosen one, and entity that takes part and has or had staff
-- by: quarter entity
-- fold: running
-- Read from quarter-to-quarter differences, which `ask` sums up entity by entity, as for the trend.
select
    quarter, entity,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from changed($selection)
group by quarter, entity
