-- question: Where does the public file say something else of military and police personnel than the internal one?
-- grain: one row per failure
with known as (
    select years.code as year_code, contributors.code as contributor_code, regions.code as region_code,
        missions.code as mission_code, known.as_of, known.women, known.men, known.flag, known.source
    from i.uniformed as known
    left join i.codes as years on years.dimension = 'year' and known.year = years.id
    left join i.codes as contributors on contributors.dimension = 'contributor' and known.contributor = contributors.id
    left join i.codes as regions
        on regions.dimension = 'contributor_region' and known.contributor_region = regions.id
    left join i.codes as missions on missions.dimension = 'mission' and known.mission = missions.id
),

shown as (
    select years.code as year_code, contributors.code as contributor_code, regions.code as region_code,
        missions.code as mission_code, shown.as_of, shown.women, shown.men, shown.flag, shown.source
    from uniformed as shown
    left join codes as years on years.dimension = 'year' and shown.year = years.id
    left join codes as contributors on contributors.dimension = 'contributor' and shown.contributor = contributors.id
    left join codes as regions
        on regions.dimension = 'contributor_region' and shown.contributor_region = regions.id
    left join codes as missions on missions.dimension = 'mission' and shown.mission = missions.id
)

(from known except all from shown)
union all
(from shown except all from known)
