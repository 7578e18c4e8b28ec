-- What another release (attached as b) has told of its quarters, under the ids of this one. A row with a code that has
-- gone since is left out.
insert into i.told
select quarters.becomes as quarter, rows.release
from b.told as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
order by quarters.becomes;

insert into i.told_of
select quarters.becomes as quarter, entities.becomes as entity, rows.content
from b.told_of as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
inner join renumbered as entities on entities.dimension = 'entity' and rows.entity = entities.id
order by quarters.becomes, entities.becomes;

insert into i.other_shown
select quarters.becomes as quarter, rows.other
from b.other_shown as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
order by quarters.becomes;

insert into i.personal_groups
select
    quarters.becomes as quarter, rows.cut, places.becomes as place, entities.becomes as entity,
    categories.becomes as category, grades.becomes as grade, rows.staff, rows.age_group, rows.nationality,
    rows.nationality_region, rows.regional_group, rows.appointment
from b.personal_groups as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
inner join renumbered as places on rows.cut = places.dimension and rows.place = places.id
inner join renumbered as entities on entities.dimension = 'entity' and rows.entity = entities.id
inner join renumbered as categories on categories.dimension = 'category' and rows.category = categories.id
inner join renumbered as grades on grades.dimension = 'grade' and rows.grade = grades.id
order by quarters.becomes, rows.rowid;

insert into i.personal_cells
select
    quarters.becomes as quarter, rows.dimension, rows.cut, members.becomes as member, places.becomes as place,
    entities.becomes as entity, categories.becomes as category, grades.becomes as grade, rows.women, rows.men
from b.personal_cells as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
inner join renumbered as members on rows.dimension = members.dimension and rows.member = members.id
inner join renumbered as places on rows.cut = places.dimension and rows.place = places.id
inner join renumbered as entities on entities.dimension = 'entity' and rows.entity = entities.id
inner join renumbered as categories on categories.dimension = 'category' and rows.category = categories.id
inner join renumbered as grades on grades.dimension = 'grade' and rows.grade = grades.id
order by quarters.becomes, rows.rowid;
