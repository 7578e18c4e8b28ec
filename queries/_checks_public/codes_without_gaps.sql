-- question: Which dimensions have ids that do not count up from 0, or a code twice?
-- grain: one row per failure
select dimension, count(*) as codes, count(distinct code) as different, min(id) as lowest, max(id) as highest
from codes
group by dimension
having min(id) <> 0 or max(id) <> count(*) - 1 or count(distinct id) <> count(*) or count(distinct code) <> count(*)
