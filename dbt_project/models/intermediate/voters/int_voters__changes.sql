-- What happened to whom between snapshots. Only versions that ended or began after the state's
-- first snapshot take part, so the cost follows what changed, not the size of the file.
with

versions as (
    select
        voter_id,
        state,
        county_fips,
        precinct_id,
        party_code,
        status,
        status in ('active', 'inactive') as is_registered,
        valid_from,
        valid_to
    from {{ ref('int_voters__versions') }}
),

first_snapshots as (
    select
        state,
        min(valid_from) as first_date
    from versions
    group by state
),

ended as (
    select * from versions
    where valid_to is not null
),

begun as (
    select versions.*
    from versions
    inner join first_snapshots on versions.state = first_snapshots.state
    where versions.valid_from > first_snapshots.first_date
),

-- One row per voter and day of change: the version before, the version after, or only one of them.
pairs as (
    select
        coalesce(begun.voter_id, ended.voter_id) as voter_id,
        coalesce(begun.state, ended.state) as state,
        coalesce(begun.valid_from, ended.valid_to) as change_date,
        ended.county_fips as from_county_fips,
        begun.county_fips as to_county_fips,
        ended.precinct_id as from_precinct_id,
        begun.precinct_id as to_precinct_id,
        ended.party_code as from_party_code,
        begun.party_code as to_party_code,
        ended.status as from_status,
        begun.status as to_status,
        coalesce(ended.is_registered, false) as was_registered,
        coalesce(begun.is_registered, false) as is_registered
    from ended
    full outer join begun on ended.voter_id = begun.voter_id and ended.valid_to = begun.valid_from
),

events as (
    select
        *,
        'registered' as change_type
    from pairs
    where not was_registered and is_registered
    union all
    select
        *,
        'removed' as change_type
    from pairs
    where was_registered and not is_registered
    union all
    select
        *,
        'moved' as change_type
    from pairs
    where
        was_registered and is_registered
        and (from_county_fips <> to_county_fips or from_precinct_id <> to_precinct_id)
    union all
    select
        *,
        'party_changed' as change_type
    from pairs
    where was_registered and is_registered and from_party_code <> to_party_code
    union all
    select
        *,
        'status_changed' as change_type
    from pairs
    where was_registered and is_registered and from_status <> to_status
)

-- A voter id delivered twice must not double an event.
select distinct
    voter_id,
    state,
    change_date,
    change_type,
    from_county_fips,
    to_county_fips,
    from_precinct_id,
    to_precinct_id,
    from_party_code,
    to_party_code,
    from_status,
    to_status
from events
