-- One row per contest and county: what the ledger asks of it, whom one can reach there, and the hours that takes.
-- Votes and hours are handed down, so that the counties' add up to the contest's exactly.
with

counties as (
    select
        atoms.contest_id,
        splits.county_fips,
        cast(sum(atoms.expected_turnout) as bigint) as expected_turnout,
        cast(sum(atoms.vote_deficit) as bigint) as vote_deficit,
        cast(sum(atoms.volunteer_hours) as bigint) as ledger_hours,
        {%- for purpose in field_purposes() %}
        cast(sum(atoms.goal_from_{{ purpose }}) as bigint) as goal_from_{{ purpose }},
        cast(sum(reach.{{ purpose }}_people) as bigint) as {{ purpose }}_people,
        cast(sum(reach.{{ purpose }}_doors) as bigint) as {{ purpose }}_doors,
        cast(sum(reach.{{ purpose }}_phones) as bigint) as {{ purpose }}_phones{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_goals__contest_splits') }} as atoms
    inner join {{ ref('int_geography__splits') }} as splits on atoms.split_id = splits.split_id
    inner join {{ ref('int_field__reach') }} as reach on atoms.split_id = reach.split_id
    group by atoms.contest_id, splits.county_fips
),

door_rates as (
    select
        max(case when purpose = 'gotv' then net_votes_per_hour end) as gotv_votes_per_hour,
        max(case when purpose = 'persuasion' then net_votes_per_hour end) as persuasion_votes_per_hour
    from {{ ref('int_field__rates') }}
    where channel = 'door'
),

-- A pool's goal supposes that everybody in it can be reached; at the doors it is that of those with a door.
quotas as (
    select
        counties.contest_id,
        counties.county_fips,
        {%- for purpose in field_purposes() %}
        coalesce({{ as_quota('cast(counties.goal_from_' ~ purpose ~ ' as double) * counties.' ~ purpose ~ '_doors'
            ~ ' / nullif(counties.' ~ purpose ~ '_people, 0)') }}, 0) as {{ purpose }}_votes,
        door_rates.{{ purpose }}_votes_per_hour{% if not loop.last %},{% endif %}
        {%- endfor %}
    from counties
    cross join door_rates
),

worked as (
    select
        contest_id,
        county_fips,
        {{ as_quota('gotv_votes + persuasion_votes') }} as votes_quota,
        coalesce({{ as_quota('cast(gotv_votes as double) / nullif(cast(gotv_votes_per_hour as double), 0)') }}, 0)
        + coalesce(
            {{ as_quota('cast(persuasion_votes as double) / nullif(cast(persuasion_votes_per_hour as double), 0)') }}, 0
        ) as hours_quota
    from quotas
),

totals as (
    select
        *,
        {{ round_half_up('sum(votes_quota) over (partition by contest_id)') }} as votes_total,
        {{ round_half_up('sum(hours_quota) over (partition by contest_id)') }} as hours_total
    from worked
),

handed as (
    {{ hand_down('totals', ['contest_id'], 'county_fips', [
        {'name': 'door_votes', 'quota': 'votes_quota', 'total': 'votes_total'},
        {'name': 'hours_required', 'quota': 'hours_quota', 'total': 'hours_total'},
    ]) }}
)

select
    counties.contest_id,
    counties.county_fips,
    counties.expected_turnout,
    counties.vote_deficit,
    counties.ledger_hours,
    counties.goal_from_gotv,
    counties.goal_from_persuasion,
    counties.gotv_people + counties.persuasion_people as pool_people,
    counties.gotv_doors + counties.persuasion_doors as reachable_doors,
    counties.gotv_phones + counties.persuasion_phones as reachable_phones,
    handed.door_votes,
    handed.hours_required
from counties
inner join handed on counties.contest_id = handed.contest_id and counties.county_fips = handed.county_fips
