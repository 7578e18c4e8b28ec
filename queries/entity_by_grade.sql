-- question: How many women and men does each entity have at each grade?
-- grain: one row per entity and grade that have staff
-- by: entity grade
select entity, grade, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by entity, grade
