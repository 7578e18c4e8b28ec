-- question: Which groups of the quarters that this release tells are missing or wrong, or broken down though too small?
-- grain: one row per failure
with mine as (
    select told.quarter
    from told
    inner join meta on meta.key = 'name' and told.release = meta.value
),

truth as (
    select
        quarter, entity, category, grade, unct, country, duty_station, region, headquarters, department,
        sum(women + men) as staff, least(sum(women), sum(men)) as fewer
    from staff_core
    inner join mine using (quarter)
    where women + men > 0
    group by grouping sets (
        (quarter), (quarter, category), (quarter, grade), (quarter, entity), (quarter, entity, category),
        (quarter, entity, grade), (quarter, unct), (quarter, country), (quarter, duty_station), (quarter, region),
        (quarter, headquarters), (quarter, department)
    )
),

named as (
    select
        quarter, staff, fewer,
        concat_ws(
            '+', if(entity is null, null, 'entity'), if(category is null, null, 'category'),
            if(grade is null, null, 'grade'), if(unct is null, null, 'unct'), if(country is null, null, 'country'),
            if(duty_station is null, null, 'duty_station'), if(region is null, null, 'region'),
            if(headquarters is null, null, 'headquarters'), if(department is null, null, 'department')
        ) as cut,
        coalesce(unct, country, duty_station, region, headquarters, department, 65535) as place,
        coalesce(entity, 65535) as entity, coalesce(category, 65535) as category, coalesce(grade, 65535) as grade
    from truth
)

select
    coalesce(named.quarter, personal_groups.quarter) as quarter, coalesce(named.cut, personal_groups.cut) as cut,
    named.staff, personal_groups.staff as found
from named
full join (select * from personal_groups inner join mine using (quarter)) as personal_groups
    on
        named.quarter = personal_groups.quarter and named.cut = personal_groups.cut
        and named.place = personal_groups.place and named.entity = personal_groups.entity
        and named.category = personal_groups.category and named.grade = personal_groups.grade
cross join (
    select (value::json ->> 'least_of_each_sex')::integer as least
    from meta
    where key = 'policy'
) as policy
where
    named.staff is distinct from personal_groups.staff
    or (
        named.fewer < policy.least
        and (
            personal_groups.age_group or personal_groups.nationality or personal_groups.nationality_region
            or personal_groups.regional_group or personal_groups.appointment
        )
    )
    or (
        (personal_groups.nationality_region or personal_groups.regional_group)
        and not personal_groups.nationality
    )
union all
select quarter, cut, null as staff, count(*) as found
from personal_groups
group by quarter, cut, place, entity, category, grade
having count(*) > 1
