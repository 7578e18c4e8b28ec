-- question: Which entities have reported for which quarters?
-- grain: one row per entity and quarter up to the chosen one
-- by: quarter entity
-- filters: entity
-- others: ignored
select
    quarter, entity, women, men, other,
    state, revised, late, "break" as series_break, source_quarter, submission, submitted_at, reason
from w.coverage
where quarter <= $quarter::usmallint and filtered($selection)
order by entity, quarter
