-- Coverage for the public: day instead of moment, no name of a submission, nobody other or temporary. How many have a
-- known age, nationality or appointment follows from the rounded cells of "not reported", so that it tells nothing more
-- than they do: all but these; all where they are under the floor; none where an entity reports nothing; unknown (null)
-- where the breakdown is withheld, or the entity's figures are others than the cells were made of.
insert into coverage
with unknown as (
    select "tables".name, cells.quarter, cells.entity, cells.women + cells.men as staff
    from cells
    inner join "tables" on cells.tbl = "tables".id
    inner join codes
        on "tables".keys[1] = codes.dimension and cells.member = codes.id and codes.code = 'not-reported'
    where len("tables".keys) = 2 and "tables".keys[2] = 'entity'
),

hidden as (
    select distinct "tables".name, withheld.quarter, withheld.entity
    from withheld
    inner join "tables" on withheld.tbl = "tables".id
    where len("tables".keys) = 2 and "tables".keys[2] = 'entity'
),

known as (
    select
        coverage.quarter, coverage.entity, dimensions.dimension,
        case
            when coverage.staff = 0 or dimensions.known = 0 then 0
            when hidden.entity is not null or changed_since.entity is not null then null
            else greatest(coverage.staff - coalesce(unknown.staff, 0), 0)
        end as known
    from i.coverage
    cross join lateral (
        values
            ('age_group', coverage.age_group_known), ('nationality', coverage.nationality_known),
            ('appointment', coverage.appointment_known)
    ) as dimensions (dimension, known)
    left join unknown
        on
            dimensions.dimension || '+entity' = unknown.name
            and coverage.quarter = unknown.quarter and coverage.entity = unknown.entity
    left join hidden
        on
            dimensions.dimension || '+entity' = hidden.name
            and hidden.quarter in (coverage.quarter, 65535) and hidden.entity in (coverage.entity, 65535)
    left join changed_since
        on coverage.quarter = changed_since.quarter and coverage.entity = changed_since.entity
)

select
    coverage.quarter, coverage.entity, coverage.state, coverage.revised, coverage.late, coverage."break",
    coverage.source_quarter, null as submission, date_trunc('day', coverage.submitted_at) as submitted_at,
    coverage.reason, coverage.staff, coverage.women, coverage.men, null as other, null as temporary,
    coverage.department_known,
    max(known.known) filter (where known.dimension = 'age_group') as age_group_known,
    max(known.known) filter (where known.dimension = 'nationality') as nationality_known,
    max(known.known) filter (where known.dimension = 'appointment') as appointment_known,
    coverage.rc_known
from i.coverage
inner join known on coverage.quarter = known.quarter and coverage.entity = known.entity
group by all
order by coverage.quarter, coverage.entity
