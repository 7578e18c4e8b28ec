-- The exact tables of the public file: no place, nothing personal, nobody other or not disclosed, and place-bound
-- departments as one. `department_ids` and `quarters_shown` are temporary tables of public.py.
insert into staff_core
select
    quarter, entity, department_ids.becomes as department, category, grade, rc,
    sum(women)::integer as women, sum(men)::integer as men, 0 as other
from i.staff_core
inner join department_ids on i.staff_core.department = department_ids.id
group by all
having sum(women) <> 0 or sum(men) <> 0
order by quarter, entity, grade, department, rc;

insert into staff_core_change
select
    quarter, entity, department_ids.becomes as department, category, grade, rc,
    sum(women)::integer as women, sum(men)::integer as men, 0 as other
from i.staff_core_change
inner join department_ids on i.staff_core_change.department = department_ids.id
group by all
having sum(women) <> 0 or sum(men) <> 0
order by quarter, entity, grade, department, rc;

insert into movements
select
    quarter, entity, department_ids.becomes as department, grade, category, kind,
    sum(women)::integer as women, sum(men)::integer as men, 0 as other
from i.movements
inner join department_ids on i.movements.department = department_ids.id
group by all
having sum(women) <> 0 or sum(men) <> 0
order by quarter, entity, department, grade, kind;

-- Who is other or not disclosed is told system-wide only, rounded when the internal file was made.
insert into other_shown
select *
from i.other_shown
order by quarter;

insert into told
select *
from i.told
order by quarter;

insert into changed_since
select *
from i.changed_since
order by quarter, entity;

-- Military and police personnel are published by others already, so nothing in it is protected; none of its codes is a
-- place that is, so they have the same ids in both files.
insert into uniformed
select *
from i.uniformed
order by rowid;
