-- question: Where do the figures leave their order, or hold a cell twice?
-- grain: one row per failure
-- The order is total, so cells that increase strictly are also unique. Filters rely on it: unsorted, they take ten
-- times as long.
with cells as (
    select
        rowid as place,
        quarter,
        entity,
        ((quarter::ubigint << 8 | entity) << 16 | unct) << 8 | grade as outer_key,
        ((((duty_station::ubigint << 10 | department) << 5 | age_group) << 9 | nationality) << 4 | appointment) << 3
        | rc as inner_key
    from staff
),

pairs as (
    select
        place,
        quarter,
        entity,
        outer_key,
        inner_key,
        lag(outer_key) over (order by place) as outer_before,
        lag(inner_key) over (order by place) as inner_before
    from cells
)

select place, quarter, entity
from pairs
where outer_key < outer_before or (outer_key = outer_before and inner_key <= inner_before)
