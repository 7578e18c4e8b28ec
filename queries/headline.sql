-- question: How many staff are women, and how has that changed since the last quarter and the last year?
-- grain: one row per quarter and basis: all entities now; now and then over the entities comparable with the
--        quarter before; now and then over the entities comparable with a year before
-- by: quarter basis
-- Like for like: a change over a changing set of entities is an artefact, so each change has rows of its own.
with by_entity as (
    select quarter, entity, sum(women) as women, sum(men) as men, sum(other) as other
    from selected_in($selection)
    group by quarter, entity
),

bases as (
    select 'all' as basis, quarter, women, men, other
    from by_entity
    where quarter = $quarter::usmallint
    union all
    select 'previous-quarter' as basis, quarter, women, men, other
    from by_entity
    where
        quarter in ($quarter::usmallint, $previous_quarter::usmallint)
        and list_contains($same_previous_quarter::usmallint[], entity)
    union all
    select 'previous-year' as basis, quarter, women, men, other
    from by_entity
    where
        quarter in ($quarter::usmallint, $previous_year::usmallint)
        and list_contains($same_previous_year::usmallint[], entity)
)

select quarter, basis, sum(women) as women, sum(men) as men, sum(other) as other
from bases
group by quarter, basis
order by basis, quarter desc
