-- One row per contest and area that shares voters with it: the ledger, every line a sum of atoms.
with areas as (
    select
        split_id,
        geography_type,
        geography_id
    from {{ ref('int_goals__split_geographies') }}
    union all
    select distinct
        split_id,
        cast('contest' as varchar) as geography_type,
        cast(null as varchar) as geography_id
    from {{ ref('int_goals__split_geographies') }}
),

summed as (
    select
        atoms.contest_id,
        areas.geography_type,
        coalesce(areas.geography_id, atoms.contest_id) as geography_id,
        -- Known only where it is known for every part; a partial sum would look like a small number.
        case when count(atoms.eligible) = count(*) then sum(atoms.eligible) end as eligible,
        {%- for line in goals_additive_lines() %}
        sum(atoms.{{ line }}) as {{ line }},
        {%- endfor %}
        max(atoms.model_version) as model_version
    from {{ ref('int_goals__contest_splits') }} as atoms
    inner join areas on atoms.split_id = areas.split_id
    group by atoms.contest_id, areas.geography_type, coalesce(areas.geography_id, atoms.contest_id)
),

named as (
    select
        summed.*,
        contests.election_date,
        contests.state,
        contests.office_code,
        contests.district_id,
        contests.party_code,
        case
            when summed.geography_type = 'contest' then contests.contest_name
            else geographies.geography_name
        end as geography_name
    from summed
    inner join {{ ref('int_contests__contests') }} as contests on summed.contest_id = contests.contest_id
    left join {{ ref('int_geography__geographies') }} as geographies
        on
            contests.state = geographies.state
            and summed.geography_type = geographies.geography_type
            and summed.geography_id = geographies.geography_id
)

select
    named.contest_id,
    named.election_date,
    named.state,
    named.office_code,
    named.district_id,
    named.party_code,
    named.geography_type,
    named.geography_id,
    named.geography_name,
    cast(named.registered as bigint) as registered,
    cast(named.registered_inactive as bigint) as registered_inactive,
    cast(named.eligible as bigint) as eligible,
    cast(named.eligible - named.registered as bigint) as registration_gap,
    cast(named.expected_turnout as bigint) as expected_turnout,
    coalesce(bands.expected_turnout_low, 0) as expected_turnout_low,
    coalesce(bands.expected_turnout_high, 0) as expected_turnout_high,
    cast(named.win_number as bigint) as win_number,
    cast(named.vote_goal as bigint) as vote_goal,
    cast(named.base_vote as bigint) as base_vote,
    coalesce(bands.base_vote_low, 0) as base_vote_low,
    coalesce(bands.base_vote_high, 0) as base_vote_high,
    cast(named.vote_goal - named.base_vote as bigint) as vote_deficit,
    coalesce(bands.vote_deficit_low, 0) as vote_deficit_low,
    coalesce(bands.vote_deficit_high, 0) as vote_deficit_high,
    cast(named.expected_support as bigint) as expected_support,
    bands.expected_share,
    bands.expected_share_low,
    bands.expected_share_high,
    cast(named.gotv_pool as bigint) as gotv_pool,
    cast(named.gotv_expected_yield as bigint) as gotv_expected_yield,
    cast(named.persuasion_pool as bigint) as persuasion_pool,
    cast(named.persuasion_women as bigint) as persuasion_women,
    cast(named.persuasion_men as bigint) as persuasion_men,
    cast(named.persuasion_unknown_sex as bigint) as persuasion_unknown_sex,
    cast(named.crossover_pool as bigint) as crossover_pool,
    cast(named.persuasion_expected_yield as bigint) as persuasion_expected_yield,
    cast(named.registration_pool as bigint) as registration_pool,
    cast(named.registration_expected_yield as bigint) as registration_expected_yield,
    cast(named.goal_from_gotv as bigint) as goal_from_gotv,
    cast(named.goal_from_persuasion as bigint) as goal_from_persuasion,
    cast(named.goal_from_registration as bigint) as goal_from_registration,
    cast(named.uncovered_deficit as bigint) as uncovered_deficit,
    cast(named.contacts as bigint) as contacts,
    cast(named.attempts as bigint) as attempts,
    cast(named.volunteer_hours as bigint) as volunteer_hours,
    cast(named.volunteer_shifts as bigint) as volunteer_shifts,
    cast(named.staff as bigint) as staff,
    cast(cast(named.cost_cents as decimal(18, 0)) * 0.01 as decimal(18, 2)) as cost_usd,
    bands.win_probability,
    campaign.data_as_of,
    named.model_version || coalesce(' ' || bands.error_version, '') as model_version,
    campaign.release_id
from named
left join {{ ref('int_goals__area_bands') }} as bands
    on
        named.contest_id = bands.contest_id
        and named.geography_type = bands.geography_type
        and named.geography_id = bands.geography_id
cross join {{ source('config', 'campaign') }} as campaign
