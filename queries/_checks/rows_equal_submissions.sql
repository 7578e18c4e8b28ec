-- question: For which quarters and entities is the number of cells not that of the accepted submission?
-- grain: one row per failure
with counted as (
    select quarter, entity, count(*) as cells
    from staff
    group by quarter, entity
)

select
    coalesce(accepted_cells.quarter, counted.quarter) as quarter,
    coalesce(accepted_cells.entity, counted.entity) as entity,
    accepted_cells.cells as accepted,
    counted.cells
from accepted_cells
full join counted on accepted_cells.quarter = counted.quarter and accepted_cells.entity = counted.entity
where coalesce(accepted_cells.cells, 0) <> coalesce(counted.cells, 0)
