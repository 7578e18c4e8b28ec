-- The tables of the public file of a release; docs/architecture.md says what they mean. In an id column 65535 says that
-- the table has no such key, and in `withheld` that any is meant.
create table codes (
    dimension varchar not null, id usmallint not null, code varchar not null, name varchar not null,
    attributes json not null
);

create table staff_core (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, rc usmallint not null,
    women integer not null, men integer not null, other integer not null
);

create table staff_core_change (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, rc usmallint not null,
    women integer not null, men integer not null, other integer not null
);

create table movements (
    quarter usmallint not null, entity usmallint not null, department usmallint not null, grade usmallint not null,
    category usmallint not null, kind usmallint not null,
    women integer not null, men integer not null, other integer not null
);

create table coverage (
    quarter usmallint not null, entity usmallint not null, state varchar not null, revised boolean not null,
    late boolean not null, "break" boolean not null, source_quarter usmallint, submission varchar,
    submitted_at timestamp, reason varchar,
    staff integer not null, women integer not null, men integer not null, other integer, temporary integer,
    department_known integer, age_group_known integer, nationality_known integer, appointment_known integer,
    rc_known integer
);

create table tables (
    id usmallint not null, name varchar not null, keys varchar[] not null, protection varchar not null,
    floor usmallint not null
);

create table cells (
    tbl usmallint not null, quarter usmallint not null, member usmallint not null, entity usmallint not null,
    category usmallint not null, grade usmallint not null, women integer not null, men integer not null
);

create table withheld (
    tbl usmallint not null, quarter usmallint not null, member usmallint not null, entity usmallint not null,
    category usmallint not null, grade usmallint not null
);

-- By which release what is protected of a quarter was told, and whose figures have become others since.
create table told (quarter usmallint not null, release varchar not null);
create table changed_since (quarter usmallint not null, entity usmallint not null);

create table other_shown (quarter usmallint not null, other integer not null);

-- Military and police personnel, who are not staff: of a contributor on a day, or of a mission over a year. What a row is
-- not of is null; `flag` is `reported` or `approximate`.
create table uniformed (
    as_of date not null, year usmallint, contributor usmallint, contributor_region usmallint, mission usmallint,
    women integer not null, men integer not null, flag varchar not null, source varchar not null
);

create table meta (key varchar not null, value varchar not null);
