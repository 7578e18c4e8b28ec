-- question: Which cells are shown although their group is withheld?
-- grain: one row per failure
-- 65535 in `withheld` is whatever it is: a quarter, a member, an entity. Few groups are withheld in all quarters.
select cells.tbl, cells.quarter, cells.member, cells.entity, cells.category, cells.grade
from cells
inner join withheld on cells.tbl = withheld.tbl and cells.quarter = withheld.quarter
where
    withheld.member in (cells.member, 65535) and withheld.entity in (cells.entity, 65535)
    and withheld.category in (cells.category, 65535) and withheld.grade in (cells.grade, 65535)
union all
select cells.tbl, cells.quarter, cells.member, cells.entity, cells.category, cells.grade
from cells
inner join withheld on cells.tbl = withheld.tbl and withheld.quarter = 65535
where
    withheld.member in (cells.member, 65535) and withheld.entity in (cells.entity, 65535)
    and withheld.category in (cells.category, 65535) and withheld.grade in (cells.grade, 65535)
