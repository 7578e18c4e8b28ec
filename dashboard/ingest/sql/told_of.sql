-- From what a release tells its new quarters: $release is its name.
insert into told_of
select contents_now.quarter, contents_now.entity, contents_now.content
from contents_now
inner join told on contents_now.quarter = told.quarter and told.release = $release
order by contents_now.quarter, contents_now.entity;
