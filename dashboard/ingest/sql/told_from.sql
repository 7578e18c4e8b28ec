-- From which submission, and which quarter of it, each entity's figures of the quarters come that a release itself told.
select
    quarters.code as quarter,
    entities.code as entity,
    sources.code as source_quarter,
    coverage.submission
from told
inner join meta on meta.key = 'name' and meta.value = told.release
inner join coverage on coverage.quarter = told.quarter and coverage.submission is not null
inner join codes as quarters on quarters.dimension = 'quarter' and quarters.id = coverage.quarter
inner join codes as entities on entities.dimension = 'entity' and entities.id = coverage.entity
inner join codes as sources on sources.dimension = 'quarter' and sources.id = coverage.source_quarter
order by all
