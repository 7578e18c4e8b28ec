-- Whose figures of quarters that were told before are others than they were told from.
insert into changed_since
select
    coalesce(told_of.quarter, contents_now.quarter) as quarter, coalesce(told_of.entity, contents_now.entity) as entity
from told_of
full join contents_now on told_of.quarter = contents_now.quarter and told_of.entity = contents_now.entity
where told_of.content is distinct from contents_now.content
order by quarter, entity;
