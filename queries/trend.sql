-- question: How has the balance of women and men developed?
-- grain: one row per quarter up to the chosen one, and basis: all entities, or the same entities throughout
-- by: quarter basis
-- Read from quarter-to-quarter differences, summed up: the same numbers from far fewer rows.
with steps as (
    select
        quarter,
        list_contains($same_throughout::usmallint[], entity) as same,
        sum(women) as women,
        sum(men) as men,
        sum(other) as other
    from changed($selection)
    group by quarter, same
),

bases as (
    select 'all' as basis, quarter, women, men, other
    from steps
    union all
    select 'same-entities' as basis, quarter, women, men, other
    from steps
    where same
)

select
    quarters.id as quarter,
    bases.basis,
    sum(bases.women) as women,
    sum(bases.men) as men,
    sum(bases.other) as other
from w.codes as quarters
inner join bases on quarters.id >= bases.quarter
where quarters.dimension = 'quarter' and quarters.id <= $quarter::usmallint
group by quarters.id, bases.basis
order by bases.basis, quarters.id
