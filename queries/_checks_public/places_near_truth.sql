-- question: Which place cells of the newest quarter told here are not near the truth, or show fewer than the floor?
-- grain: one row per failure
-- Counted again by another way than the one by which they were made: one statement for all tables.
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
                entity, category, grade, women, men,
                unct, country, duty_station, region, headquarters, department
            from i.staff_core
            where quarter = (select max(quarter) from mine)
        )
        on unct, country, duty_station, region, headquarters, department
        into name dimension value member
    ) as cells
    group by grouping sets (
        (dimension, member), (dimension, member, category), (dimension, member, grade),
        (dimension, member, entity), (dimension, member, entity, category), (dimension, member, entity, grade)
    )
),

named as (
    select
        truth.dimension, codes.id as member, coalesce(truth.entity, 65535) as entity,
        coalesce(truth.category, 65535) as category, coalesce(truth.grade, 65535) as grade, truth.women, truth.men
    from truth
    inner join i.codes as known on truth.dimension = known.dimension and truth.member = known.id
    inner join codes on known.dimension = codes.dimension and known.code = codes.code
)

select "tables".name, cells.member, cells.entity, cells.category, cells.grade, cells.women, cells.men
from cells
inner join "tables" on cells.tbl = "tables".id
cross join (
    select (value::json ->> 'base')::integer - 1 + 2 * (value::json ->> 'offset')::integer as error
    from meta
    where key = 'policy'
) as policy
left join named
    on
        "tables".keys[1] = named.dimension and cells.member = named.member and cells.entity = named.entity
        and cells.category = named.category and cells.grade = named.grade
where
    "tables".protection = 'rounded'
    and "tables".keys[1] in ('unct', 'country', 'duty_station', 'region', 'headquarters', 'department')
    and cells.quarter = (select max(quarter) from mine)
    and (
        named.women is null or cells.women + cells.men < "tables".floor
        or abs(cells.women - named.women) > policy.error or abs(cells.men - named.men) > policy.error
    )
