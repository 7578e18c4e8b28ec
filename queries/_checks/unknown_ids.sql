-- question: Which ids in the figures stand for no code?
-- grain: one row per failure
-- A code table has ids without gaps, so what lies above the highest one is an orphan.
with highest as (
    select dimension, max(id) as id
    from codes
    group by dimension
),

found as (
    unpivot (
        select
            max(quarter) as quarter, max(entity) as entity, max(department) as department,
            max(category) as category, max(grade) as grade, max(unct) as unct, max(country) as country,
            max(duty_station) as duty_station, max(region) as region, max(headquarters) as headquarters,
            max(age_group) as age_group, max(rc) as rc, max(nationality) as nationality,
            max(nationality_region) as nationality_region, max(regional_group) as regional_group,
            max(appointment) as appointment
        from staff
    )
    on columns(*)
    into name dimension value id
)

select found.dimension, found.id
from found
left join highest on found.dimension = highest.dimension
where highest.id is null or found.id > highest.id
