-- question: How many women and men does each entity have?
-- grain: one row per entity
-- by: entity
select entity, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by entity
