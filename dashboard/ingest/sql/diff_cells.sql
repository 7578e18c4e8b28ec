-- The cells of the newer release with the ids of the older one; codes the older one lacks have ids above its own.
create temp view new_cells as
select
    getvariable('ids_quarter')[quarter::bigint + 1] as quarter,
    getvariable('ids_entity')[entity::bigint + 1] as entity,
    getvariable('ids_department')[department::bigint + 1] as department,
    getvariable('ids_duty_station')[duty_station::bigint + 1] as duty_station,
    getvariable('ids_grade')[grade::bigint + 1] as grade,
    getvariable('ids_age_group')[age_group::bigint + 1] as age_group,
    getvariable('ids_nationality')[nationality::bigint + 1] as nationality,
    getvariable('ids_appointment')[appointment::bigint + 1] as appointment,
    getvariable('ids_rc')[rc::bigint + 1] as rc,
    women, men, other
from new.staff
