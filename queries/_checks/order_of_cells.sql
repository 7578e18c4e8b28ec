-- question: Where do the figures leave their order, or hold a cell twice?
-- grain: one row per failure
-- The order is total, so cells that increase strictly are also unique. Filters rely on it: unsorted, they take ten
-- times as long. `lag` without an order goes through the table as it is stored, which is what is asked about.
with cells as (
    select
        quarter,
        entity,
        ((quarter::ubigint << 8 | entity) << 10 | unct) << 8 | grade as outer_key,
        ((((duty_station::ubigint << 10 | department) << 5 | age_group) << 9 | nationality) << 4 | appointment) << 3
        | rc as inner_key
    from staff
),

pairs as (
    select
        quarter,
        entity,
        outer_key,
        inner_key,
        lag(outer_key) over () as outer_before,
        lag(inner_key) over () as inner_before
    from cells
)

select quarter, entity, outer_key, inner_key
from pairs
where outer_key < outer_before or (outer_key = outer_before and inner_key <= inner_before)
