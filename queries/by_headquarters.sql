-- question: How many women and men work at headquarters and elsewhere?
-- grain: one row per headquarters / non-headquarters
-- by: headquarters
select headquarters, sum(women) as women, sum(men) as men, sum(other) as other
from selected($selection)
group by headquarters
order by headquarters
