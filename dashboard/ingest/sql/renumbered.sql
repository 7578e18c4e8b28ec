-- The ids of another release's file (attached as b) and what they are in this one, by dimension; of quarters, those that
-- are taken over. 65535 stays: a row has no such key. The place of a group stands under the name of its cut.
create temp table renumbered as
select theirs.dimension, theirs.id, ours.id as becomes
from b.codes as theirs
inner join i.codes as ours on theirs.dimension = ours.dimension and theirs.code = ours.code
where theirs.dimension <> 'quarter' or list_contains($quarters, theirs.code)
union all
select dimension, 65535 as id, 65535 as becomes
from (
    select dimension from b.codes
    union
    select cut from b.personal_groups
);
