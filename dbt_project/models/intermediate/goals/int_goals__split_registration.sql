-- One row per precinct split: people who may register but have not, from the county's estimate.
with splits as (
    select
        measures.split_id,
        splits.county_fips,
        measures.registered,
        measures.active_turnout_mass,
        measures.active_support_mass
    from {{ ref('int_goals__split_measures') }} as measures
    inner join {{ ref('int_geography__splits') }} as splits
        on measures.split_id = splits.split_id
),

registered_counties as (
    select
        county_fips,
        sum(registered) as registered,
        sum(active_turnout_mass) as turnout_mass,
        sum(active_support_mass) as support_mass
    from splits
    group by county_fips
),

-- The gap leans as the county's registered voters do, and would vote as often as they do.
counties as (
    select
        registered_counties.county_fips,
        registered_counties.registered,
        eligible.eligible,
        cast(
            cast(registered_counties.turnout_mass as double) / nullif(registered_counties.registered, 0)
            as decimal(9, 6)
        ) as turnout_share,
        {{ round_half_up(as_quota(
            "greatest(eligible.eligible - registered_counties.registered, 0)"
            ~ " * cast(registered_counties.support_mass as double) / nullif(registered_counties.registered, 0)"
        )) }} as leaning
    from registered_counties
    inner join {{ ref('int_registration__eligible') }} as eligible
        on registered_counties.county_fips = eligible.county_fips
    where eligible.eligible is not null
),

quotas as (
    select
        splits.county_fips,
        splits.split_id,
        counties.eligible,
        coalesce(counties.leaning, 0) as leaning,
        coalesce(counties.turnout_share, 0) as turnout_share,
        coalesce(cast(splits.registered as double) / nullif(counties.registered, 0), 0) as weight
    from splits
    inner join counties on splits.county_fips = counties.county_fips
),

handed_down as (
    {{ hand_down('quotas', ['county_fips'], 'split_id', [
        {'name': 'eligible', 'quota': 'eligible * weight', 'total': 'eligible'},
        {'name': 'registration_pool', 'quota': 'leaning * weight', 'total': 'leaning'},
    ]) }}
)

select
    splits.split_id,
    handed_down.eligible,
    coalesce(handed_down.registration_pool, 0) as registration_pool,
    cast(coalesce(handed_down.registration_pool * quotas.turnout_share, 0) as decimal(20, 9)) as registration_mass
from splits
left join handed_down on splits.split_id = handed_down.split_id
left join quotas on splits.split_id = quotas.split_id
