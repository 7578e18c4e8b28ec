-- question: Which movements are of an entity that did not report that quarter, or of no known kind?
-- grain: one row per failure
select movements.quarter, movements.entity, movements.kind
from movements
left join coverage on movements.quarter = coverage.quarter and movements.entity = coverage.entity
left join codes as kinds on kinds.dimension = 'kind' and movements.kind = kinds.id
where coverage.state is null or coverage.state not in ('reported', 'partial') or kinds.id is null
