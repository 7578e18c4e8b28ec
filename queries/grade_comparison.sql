-- question: How many women and men are at each grade now, and how has that changed in a year and in five years?
-- grain: one row per quarter, basis and grade: all entities now; now and then over the entities comparable with a year
--        before; now and then over those comparable with five years before
-- by: quarter basis grade
-- fold: comparison
select
    quarter, entity, grade,
    sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected_then($selection)
group by quarter, entity, grade
