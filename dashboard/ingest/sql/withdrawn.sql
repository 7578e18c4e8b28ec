-- Takes what is shown of the persons of one entity out of a quarter that another release told: it is withdrawn.
update i.personal_groups
set
    age_group = false, nationality = false, nationality_region = false, regional_group = false, appointment = false
where
    quarter = (select id from i.codes where dimension = 'quarter' and code = $quarter)
    and entity = (select id from i.codes where dimension = 'entity' and code = $entity);

delete from i.personal_cells
where
    quarter = (select id from i.codes where dimension = 'quarter' and code = $quarter)
    and entity = (select id from i.codes where dimension = 'entity' and code = $entity);
