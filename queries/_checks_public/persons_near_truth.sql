-- question: Which personal cells of the newest quarter told here are not near the truth, or show fewer than the floor?
-- grain: one row per failure
-- Temporary staff are counted among appointments only.
with mine as (
    select told.quarter
    from told
    inner join meta on meta.key = 'name' and told.release = meta.value
),

truth as (
    select
        cells.dimension, cells.member, cells.entity, cells.category, cells.grade,
        sum(cells.women) as women, sum(cells.men) as men
    from (
        unpivot (
            select
                entity, category, grade, women, men, appointment as kind,
                age_group, nationality, nationality_region, regional_group, appointment
            from i.staff
            where quarter = (select max(quarter) from mine)
        )
        on age_group, nationality, nationality_region, regional_group, appointment
        into name dimension value member
    ) as cells
    where
        cells.dimension = 'appointment'
        or cells.kind <> (select id from i.codes where dimension = 'appointment' and code = 'TA')
    group by grouping sets (
        (dimension, member), (dimension, member, category), (dimension, member, grade),
        (dimension, member, entity), (dimension, member, entity, category), (dimension, member, entity, grade)
    )
)

select "tables".name, cells.member, cells.entity, cells.category, cells.grade, cells.women, cells.men
from cells
inner join "tables" on cells.tbl = "tables".id
cross join (
    select (value::json ->> 'base')::integer - 1 + 2 * (value::json ->> 'offset')::integer as error
    from meta
    where key = 'policy'
) as policy
left join truth
    on
        "tables".keys[1] = truth.dimension and cells.member = truth.member
        and cells.entity = coalesce(truth.entity, 65535) and cells.category = coalesce(truth.category, 65535)
        and cells.grade = coalesce(truth.grade, 65535)
where
    "tables".keys[1] in ('age_group', 'nationality', 'nationality_region', 'regional_group', 'appointment')
    and cells.quarter = (select max(quarter) from mine)
    and (
        truth.women is null or cells.women + cells.men < "tables".floor
        or abs(cells.women - truth.women) > policy.error or abs(cells.men - truth.men) > policy.error
    )
