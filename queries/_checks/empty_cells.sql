-- question: Which cells of the figures or of their changes hold nobody?
-- grain: one row per failure
select 'staff' as in_table, quarter, entity, count(*) as cells
from staff
where women = 0 and men = 0 and other = 0
group by quarter, entity
union all
select 'staff_change' as in_table, quarter, entity, count(*) as cells
from staff_change
where women = 0 and men = 0 and other = 0
group by quarter, entity
