-- question: Which rows on military and police personnel are of nobody, of two things at once, there twice, or odd?
-- grain: one row per failure
with named as (
    select
        uniformed.*, years.code as year_code, contributors.code as contributor_code, regions.code as region_code,
        missions.code as mission_code,
        count(*) over (partition by uniformed.contributor, uniformed.mission, uniformed.year) as found
    from uniformed
    left join codes as years on years.dimension = 'year' and uniformed.year = years.id
    left join codes as contributors
        on contributors.dimension = 'contributor' and uniformed.contributor = contributors.id
    left join codes as regions
        on regions.dimension = 'contributor_region' and uniformed.contributor_region = regions.id
    left join codes as missions on missions.dimension = 'mission' and uniformed.mission = missions.id
)

select as_of, year_code, contributor_code, mission_code, women, men, flag, source
from named
where
    found <> 1 or women < 0 or men < 0 or women + men = 0 or source = '' or flag not in ('reported', 'approximate')
    or (contributor_code is null) = (mission_code is null)
    or (contributor_code is null) <> (region_code is null)
    or (mission_code is null) <> (year_code is null)
    or (mission_code is not null and (flag <> 'approximate' or year_code <> year(as_of)::varchar))
