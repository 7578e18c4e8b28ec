-- The ids of another release's file (attached as b) and what they are in this one, by dimension; of quarters, those that
-- are taken over.
create temp table renumbered as
select theirs.dimension, theirs.id, ours.id as becomes
from b.codes as theirs
inner join i.codes as ours on theirs.dimension = ours.dimension and theirs.code = ours.code
where theirs.dimension <> 'quarter' or list_contains($quarters, theirs.code);
