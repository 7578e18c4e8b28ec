-- Quarters are left out: that a later release has more of them is no change.
select
    coalesce(before.dimension, after.dimension) as dimension,
    coalesce(before.code, after.code) as code,
    case when before.code is null then 'new' when after.code is null then 'gone' else 'changed' end as change,
    before.name || ' ' || before.attributes::varchar as was,
    after.name || ' ' || after.attributes::varchar as becomes
from (from old.codes where dimension <> 'quarter') as before
full join (from new.codes where dimension <> 'quarter') as after
    on before.dimension = after.dimension and before.code = after.code
where
    before.code is null or after.code is null
    or before.name <> after.name or before.attributes::varchar <> after.attributes::varchar
order by dimension, code
