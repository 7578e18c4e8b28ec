-- question: How many women and men work at headquarters and elsewhere?
-- grain: one row per headquarters / non-headquarters
-- by: headquarters
select headquarters, sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other
from selected($selection)
group by headquarters
