-- question: Where do the exact tables of the public file differ from the internal ones?
-- grain: one row per failure
with departments as (
    select
        known.id,
        coalesce(codes.code, 'place-bound') as code
    from i.codes as known
    left join codes
        on
            codes.dimension = 'department' and known.code = codes.code
            and coalesce(known.attributes ->> 'place_bound', '0') <> '1'
    where known.dimension = 'department'
),

compared as (
    select 'staff_core' as in_table, quarter, entity, departments.code, category, grade, rc, women, men
    from i.staff_core
    inner join departments on i.staff_core.department = departments.id
    union all
    select 'staff_core' as in_table, quarter, entity, codes.code, category, grade, rc, -women, -men
    from staff_core
    inner join codes on codes.dimension = 'department' and staff_core.department = codes.id
    union all
    select 'staff_core_change' as in_table, quarter, entity, departments.code, category, grade, rc, women, men
    from i.staff_core_change
    inner join departments on i.staff_core_change.department = departments.id
    union all
    select 'staff_core_change' as in_table, quarter, entity, codes.code, category, grade, rc, -women, -men
    from staff_core_change
    inner join codes on codes.dimension = 'department' and staff_core_change.department = codes.id
    union all
    select 'movements' as in_table, quarter, entity, departments.code, category, grade, kind, women, men
    from i.movements
    inner join departments on i.movements.department = departments.id
    union all
    select 'movements' as in_table, quarter, entity, codes.code, category, grade, kind, -women, -men
    from movements
    inner join codes on codes.dimension = 'department' and movements.department = codes.id
)

select in_table, quarter, entity, code, grade
from compared
group by in_table, quarter, entity, code, category, grade, rc
having sum(women) <> 0 or sum(men) <> 0
