-- The changes of staff_core, summed from those of staff: a person's birthday is none.
insert into staff_core_change
select
    quarter, entity, department, any_value(category) as category, grade, any_value(unct) as unct,
    any_value(country) as country, duty_station, any_value(region) as region,
    any_value(headquarters) as headquarters, rc,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other,
    any_value(key) as key
from staff_change
where appointment <> (select id from codes where dimension = 'appointment' and code = 'TA')
-- What is derived from one of these need not be grouped by.
group by quarter, entity, department, grade, duty_station, rc
having sum(women) <> 0 or sum(men) <> 0 or sum(other) <> 0
order by quarter, entity, unct, grade, duty_station, department, rc
