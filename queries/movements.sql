-- question: How many women and men were appointed, promoted and separated over the last four quarters?
-- grain: one row per kind of movement and grade, summed over four quarters up to the chosen one
-- by: kind grade
-- filters: entity department category grade
select kind, grade, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from w.movements
where
    quarter <= $quarter::usmallint and quarter + 4 > $quarter::usmallint
    and filtered($selection)
group by kind, grade
