-- question: Which entities have reported for this quarter, and how are the others' figures obtained?
-- grain: one row per participating entity
-- by: entity
-- filters: entity
-- others: ignored
select
    entity, women, men, other,
    state, revised, late, "break" as series_break, source_quarter, submission, submitted_at, reason
from w.coverage
where quarter = $quarter::usmallint and state <> 'not-participant' and filtered($selection)
order by entity
