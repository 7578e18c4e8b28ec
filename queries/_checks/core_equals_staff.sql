-- question: Where do the tables without personal dimensions differ from the whole ones?
-- grain: one row per failure
with regular as (
    select *
    from staff
    where appointment <> (select id from codes where dimension = 'appointment' and code = 'TA')
),

counted as (
    select quarter, entity, unct, grade, rc, headquarters, women, men, other from regular
    union all
    select quarter, entity, unct, grade, rc, headquarters, -women::integer, -men::integer, -other::integer
    from staff_core
),

changed as (
    select quarter, entity, unct, grade, rc, headquarters, women, men, other
    from staff_change
    where appointment <> (select id from codes where dimension = 'appointment' and code = 'TA')
    union all
    select quarter, entity, unct, grade, rc, headquarters, -women, -men, -other from staff_core_change
)

select 'staff_core' as table_name, quarter, entity, unct, grade
from counted
group by quarter, entity, unct, grade, rc, headquarters
having sum(women) <> 0 or sum(men) <> 0 or sum(other) <> 0
union all
select 'staff_core_change' as table_name, quarter, entity, unct, grade
from changed
group by quarter, entity, unct, grade, rc, headquarters
having sum(women) <> 0 or sum(men) <> 0 or sum(other) <> 0
