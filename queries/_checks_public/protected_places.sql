-- question: Which places that exist in public only as their region are named in the public file?
-- grain: one row per failure
with listed as (
    select unnest(from_json(value::json -> 'presence_protected', '["varchar"]')) as code
    from meta
    where key = 'policy'
)

select codes.dimension, codes.code
from codes
semi join listed on codes.code = listed.code
where codes.dimension in ('duty_station', 'country', 'unct', 'department')
union all
select codes.dimension, codes.code
from codes
inner join i.codes as known on known.dimension = 'duty_station' and codes.code = known.code
semi join listed on (known.attributes ->> 'country') = listed.code
where codes.dimension = 'duty_station'
union all
select codes.dimension, codes.code
from codes
cross join listed
where
    codes.dimension in ('unct', 'country', 'duty_station')
    and (
        list_contains(string_split(codes.attributes ->> 'countries', '|'), listed.code)
        or (codes.attributes ->> 'country') = listed.code or (codes.attributes ->> 'unct') = listed.code
    )
