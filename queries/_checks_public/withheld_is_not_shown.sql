-- question: Which cells are shown although their group is withheld?
-- grain: one row per failure
-- Groups of persons are withheld quarter by quarter, whoever the member is; places in all quarters, of some entities.
select cells.tbl, cells.quarter, cells.member, cells.entity, cells.category, cells.grade
from cells
inner join withheld
    on
        cells.tbl = withheld.tbl and cells.quarter = withheld.quarter and cells.entity = withheld.entity
        and cells.category = withheld.category and cells.grade = withheld.grade
where withheld.member in (cells.member, 65535)
union all
select cells.tbl, cells.quarter, cells.member, cells.entity, cells.category, cells.grade
from cells
inner join withheld on cells.tbl = withheld.tbl and cells.member = withheld.member
where
    withheld.quarter in (cells.quarter, 65535) and withheld.entity in (cells.entity, 65535)
    and withheld.category in (cells.category, 65535) and withheld.grade in (cells.grade, 65535)
