-- question: How many women and men does each entity have?
-- grain: one row per entity
-- by: entity
select entity, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by entity
order by entity
