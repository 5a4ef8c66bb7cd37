-- Each contest has rows for every kind of area, and no row is of a contest that is not fought.
with kinds as (
    select cast('contest' as varchar) as geography_type
    {%- for geography_type, column in goals_geographies() %}
    union all
    select cast('{{ geography_type }}' as varchar) as geography_type
    {%- endfor %}
),

expected as (
    select
        contests.contest_id,
        kinds.geography_type
    from {{ ref('int_contests__contests') }} as contests
    cross join kinds
),

found as (
    select distinct
        contest_id,
        geography_type
    from {{ ref('district_vote_goals') }}
)

select
    coalesce(expected.contest_id, found.contest_id) as contest_id,
    coalesce(expected.geography_type, found.geography_type) as geography_type
from expected
full outer join found
    on expected.contest_id = found.contest_id and expected.geography_type = found.geography_type
where expected.contest_id is null or found.contest_id is null
