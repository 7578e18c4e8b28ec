-- question: How many women and men has each entity had at each grade, quarter by quarter?
-- grain: one row per quarter up to the chosen one, entity and grade that have staff
-- by: quarter entity grade
-- filters: entity department category grade rc
select
    quarter, entity, grade,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from w.staff_core
where quarter <= $quarter::usmallint and filtered($selection)
group by quarter, entity, grade
order by quarter, entity, grade
