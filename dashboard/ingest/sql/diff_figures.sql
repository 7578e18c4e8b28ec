-- Only quarters and entities that differ in a checksum are compared cell by cell; the checksum never leaves this
-- statement, so that it has no contract across versions of DuckDB does no harm.
with old_sums as (
    select
        quarter, entity,
        coalesce(sum(women) filter (where appointment is distinct from getvariable('temporary')), 0) as women,
        coalesce(sum(men) filter (where appointment is distinct from getvariable('temporary')), 0) as men,
        bit_xor(hash(department, duty_station, grade, age_group, nationality, appointment, rc, women, men, other)) as mark
    from old.staff
    group by quarter, entity
),

new_sums as (
    select
        quarter, entity,
        coalesce(sum(women) filter (where appointment is distinct from getvariable('temporary')), 0) as women,
        coalesce(sum(men) filter (where appointment is distinct from getvariable('temporary')), 0) as men,
        bit_xor(hash(department, duty_station, grade, age_group, nationality, appointment, rc, women, men, other)) as mark
    from new_cells
    group by quarter, entity
),

pairs as (
    select
        coalesce(old_sums.quarter, new_sums.quarter) as quarter,
        coalesce(old_sums.entity, new_sums.entity) as entity,
        coalesce(old_sums.women, 0) as women_before,
        coalesce(new_sums.women, 0) as women_after,
        coalesce(old_sums.men, 0) as men_before,
        coalesce(new_sums.men, 0) as men_after
    from old_sums
    full join new_sums on old_sums.quarter = new_sums.quarter and old_sums.entity = new_sums.entity
    where old_sums.mark is distinct from new_sums.mark
),

old_different as (
    select *
    from old.staff
    semi join pairs using (quarter, entity)
),

new_different as (
    select *
    from new_cells
    semi join pairs using (quarter, entity)
),

cells as (
    select
        coalesce(before.quarter, after.quarter) as quarter,
        coalesce(before.entity, after.entity) as entity,
        count(*) as cells
    from old_different as before
    full join new_different as after
        using (quarter, entity, department, duty_station, grade, age_group, nationality, appointment, rc)
    where
        before.women is distinct from after.women
        or before.men is distinct from after.men
        or before.other is distinct from after.other
    group by all
)

select
    pairs.quarter, pairs.entity, coalesce(cells.cells, 0) as cells,
    pairs.women_before, pairs.women_after, pairs.men_before, pairs.men_after
from pairs
left join cells on pairs.quarter = cells.quarter and pairs.entity = cells.entity
order by pairs.quarter, pairs.entity
