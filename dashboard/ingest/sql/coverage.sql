-- What was chosen for each quarter and entity, with the head-counts that came of it (regular population; temporary
-- apart). Staff are women and men, as everywhere; "known" is anything but not-reported.
insert into coverage
with counts as (
    select
        staff.quarter,
        staff.entity,
        sum(staff.women) filter (where staff.appointment <> temporary.id) as women,
        sum(staff.men) filter (where staff.appointment <> temporary.id) as men,
        sum(staff.other) filter (where staff.appointment <> temporary.id) as other,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment = temporary.id
        ) as temporary,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment <> temporary.id and staff.department <> unknown.department
        ) as department_known,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment <> temporary.id and staff.age_group <> unknown.age_group
        ) as age_group_known,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment <> temporary.id and staff.nationality <> unknown.nationality
        ) as nationality_known,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment <> temporary.id and staff.appointment <> unknown.appointment
        ) as appointment_known,
        sum(staff.women::integer + staff.men) filter (
            where staff.appointment <> temporary.id and staff.rc <> unknown.rc
        ) as rc_known
    from staff
    cross join (select id from codes where dimension = 'appointment' and code = 'TA') as temporary
    cross join (
        select
            max(id) filter (where dimension = 'department') as department,
            max(id) filter (where dimension = 'age_group') as age_group,
            max(id) filter (where dimension = 'nationality') as nationality,
            max(id) filter (where dimension = 'appointment') as appointment,
            max(id) filter (where dimension = 'rc') as rc
        from codes
        where code = 'not-reported'
    ) as unknown
    group by staff.quarter, staff.entity
)

select
    chosen.quarter, chosen.entity, chosen.state, chosen.revised, chosen.late, chosen."break",
    chosen.source_quarter, chosen.submission, chosen.submitted_at, chosen.reason,
    coalesce(counts.women + counts.men, 0)::integer as staff,
    coalesce(counts.women, 0)::integer as women,
    coalesce(counts.men, 0)::integer as men,
    coalesce(counts.other, 0)::integer as other,
    coalesce(counts.temporary, 0)::integer as temporary,
    coalesce(counts.department_known, 0)::integer as department_known,
    coalesce(counts.age_group_known, 0)::integer as age_group_known,
    coalesce(counts.nationality_known, 0)::integer as nationality_known,
    coalesce(counts.appointment_known, 0)::integer as appointment_known,
    coalesce(counts.rc_known, 0)::integer as rc_known
from chosen
left join counts on chosen.quarter = counts.quarter and chosen.entity = counts.entity
order by chosen.quarter, chosen.entity
