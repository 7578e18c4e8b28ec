-- question: Which tables, columns or notes are in the public file beyond what may be, or are missing?
-- grain: one row per failure
with allowed (table_name, columns) as (
    values
    ('codes', ['dimension', 'id', 'code', 'name', 'attributes']),
    ('staff_core', ['quarter', 'entity', 'department', 'category', 'grade', 'rc', 'women', 'men', 'other']),
    ('staff_core_change', ['quarter', 'entity', 'department', 'category', 'grade', 'rc', 'women', 'men', 'other']),
    ('movements', ['quarter', 'entity', 'department', 'grade', 'category', 'kind', 'women', 'men', 'other']),
    (
        'coverage',
        [
            'quarter', 'entity', 'state', 'revised', 'late', 'break', 'source_quarter', 'submission', 'submitted_at',
            'reason', 'staff', 'women', 'men', 'other', 'temporary', 'department_known', 'age_group_known',
            'nationality_known', 'appointment_known', 'rc_known'
        ]
    ),
    ('tables', ['id', 'name', 'keys', 'protection', 'floor']),
    ('cells', ['tbl', 'quarter', 'member', 'entity', 'category', 'grade', 'women', 'men']),
    ('withheld', ['tbl', 'quarter', 'member', 'entity', 'category', 'grade']),
    ('other_shown', ['quarter', 'other']),
    ('told', ['quarter', 'release']),
    ('changed_since', ['quarter', 'entity']),
    (
        'uniformed',
        ['as_of', 'year', 'contributor', 'contributor_region', 'mission', 'women', 'men', 'flag', 'source']
    ),
    ('meta', ['key', 'value'])
),

found as (
    select table_name, list(column_name order by column_index) as columns
    from duckdb_columns()
    where database_name = current_database() and not internal and schema_name = 'main'
    group by table_name
)

select coalesce(allowed.table_name, found.table_name) as name, 'table' as what
from allowed
full join found on allowed.table_name = found.table_name
where allowed.columns is distinct from found.columns
union all
select key as name, 'note' as what
from meta
where
    key not in (
        'name', 'quarter', 'published', 'schema_version', 'demonstration', 'policy', 'policy_version', 'code_version',
        'audience'
    )
    or (key = 'audience' and value <> 'public')
