-- The tables of a release; docs/architecture.md says what they mean.
create table codes (
    dimension varchar not null, id usmallint not null, code varchar not null, name varchar not null,
    attributes json not null
);

-- Keys of personal codes, and of a sex (0 women, 1 men): what a content is summed of, beside the keys of records.
create table code_keys (dimension varchar not null, id usmallint not null, key ubigint not null);

create table staff (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, unct usmallint not null, country usmallint not null,
    duty_station usmallint not null, region usmallint not null, headquarters usmallint not null,
    age_group usmallint not null, rc usmallint not null, nationality usmallint not null,
    nationality_region usmallint not null, regional_group usmallint not null, appointment usmallint not null,
    women usmallint not null, men usmallint not null, other usmallint not null,
    key ubigint not null
);

create table staff_change (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, unct usmallint not null, country usmallint not null,
    duty_station usmallint not null, region usmallint not null, headquarters usmallint not null,
    age_group usmallint not null, rc usmallint not null, nationality usmallint not null,
    nationality_region usmallint not null, regional_group usmallint not null, appointment usmallint not null,
    women integer not null, men integer not null, other integer not null,
    key ubigint not null
);

create table staff_core (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, unct usmallint not null, country usmallint not null,
    duty_station usmallint not null, region usmallint not null, headquarters usmallint not null,
    rc usmallint not null,
    women usmallint not null, men usmallint not null, other usmallint not null,
    key ubigint not null
);

create table staff_core_change (
    quarter usmallint not null, entity usmallint not null, department usmallint not null,
    category usmallint not null, grade usmallint not null, unct usmallint not null, country usmallint not null,
    duty_station usmallint not null, region usmallint not null, headquarters usmallint not null,
    rc usmallint not null,
    women integer not null, men integer not null, other integer not null,
    key ubigint not null
);

create table movements (
    quarter usmallint not null, entity usmallint not null, department usmallint not null, grade usmallint not null,
    category usmallint not null, kind usmallint not null,
    women usmallint not null, men usmallint not null, other usmallint not null
);

create table coverage (
    quarter usmallint not null, entity usmallint not null, state varchar not null, revised boolean not null,
    late boolean not null, "break" boolean not null, source_quarter usmallint, submission varchar,
    submitted_at timestamp, reason varchar,
    staff integer not null, women integer not null, men integer not null, other integer not null,
    temporary integer not null,
    department_known integer not null, age_group_known integer not null, nationality_known integer not null,
    appointment_known integer not null, rc_known integer not null
);

-- By which release what is protected of a quarter was told first, from which figures of each entity (a hash of them),
-- and whose figures have become others since.
create table told (quarter usmallint not null, release varchar not null);
create table told_of (quarter usmallint not null, entity usmallint not null, content varchar not null);
create table changed_since (quarter usmallint not null, entity usmallint not null);

-- Groups of staff by the keys of a cut ('entity+grade', 'country', '' for all; 65535: no key of it), as the quarter was
-- told, and whether they are broken down by each personal dimension.
create table personal_groups (
    quarter usmallint not null, cut varchar not null, place usmallint not null, entity usmallint not null,
    category usmallint not null, grade usmallint not null, staff integer not null,
    age_group boolean not null, nationality boolean not null, nationality_region boolean not null,
    regional_group boolean not null, appointment boolean not null
);

-- Their members, as they are shown: rounded. Cells under the floor have no row.
create table personal_cells (
    quarter usmallint not null, dimension varchar not null, cut varchar not null, member usmallint not null,
    place usmallint not null, entity usmallint not null, category usmallint not null, grade usmallint not null,
    women integer not null, men integer not null
);

-- Other or not disclosed, system-wide, as it is shown: rounded; quarters in which it is under its floor have no row.
create table other_shown (quarter usmallint not null, other integer not null);

-- Military and police personnel, who are not staff: of a contributor on a day, or of a mission over a year. What a row is
-- not of is null; `flag` is `reported` or `approximate`.
create table uniformed (
    as_of date not null, year usmallint, contributor usmallint, contributor_region usmallint, mission usmallint,
    women integer not null, men integer not null, flag varchar not null, source varchar not null
);

create table meta (key varchar not null, value varchar not null);
