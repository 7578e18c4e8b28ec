-- What another release (attached as b) has told of its quarters, under the ids of this one; 65535: no key of it.
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
    quarters.becomes as quarter, rows.cut, coalesce(places.becomes, 65535) as place,
    coalesce(entities.becomes, 65535) as entity, coalesce(categories.becomes, 65535) as category,
    coalesce(grades.becomes, 65535) as grade, rows.staff, rows.age_group, rows.nationality, rows.nationality_region,
    rows.regional_group, rows.appointment
from b.personal_groups as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
left join renumbered as places on rows.cut = places.dimension and rows.place = places.id
left join renumbered as entities on entities.dimension = 'entity' and rows.entity = entities.id
left join renumbered as categories on categories.dimension = 'category' and rows.category = categories.id
left join renumbered as grades on grades.dimension = 'grade' and rows.grade = grades.id
where
    (rows.place = 65535 or places.becomes is not null)
    and (rows.entity = 65535 or entities.becomes is not null)
    and (rows.category = 65535 or categories.becomes is not null)
    and (rows.grade = 65535 or grades.becomes is not null)
order by quarters.becomes, rows.rowid;

insert into i.personal_cells
select
    quarters.becomes as quarter, rows.dimension, rows.cut, members.becomes as member,
    coalesce(places.becomes, 65535) as place, coalesce(entities.becomes, 65535) as entity,
    coalesce(categories.becomes, 65535) as category, coalesce(grades.becomes, 65535) as grade, rows.women, rows.men
from b.personal_cells as rows
inner join renumbered as quarters on quarters.dimension = 'quarter' and rows.quarter = quarters.id
inner join renumbered as members on rows.dimension = members.dimension and rows.member = members.id
left join renumbered as places on rows.cut = places.dimension and rows.place = places.id
left join renumbered as entities on entities.dimension = 'entity' and rows.entity = entities.id
left join renumbered as categories on categories.dimension = 'category' and rows.category = categories.id
left join renumbered as grades on grades.dimension = 'grade' and rows.grade = grades.id
where
    (rows.place = 65535 or places.becomes is not null)
    and (rows.entity = 65535 or entities.becomes is not null)
    and (rows.category = 65535 or categories.becomes is not null)
    and (rows.grade = 65535 or grades.becomes is not null)
order by quarters.becomes, rows.rowid;
