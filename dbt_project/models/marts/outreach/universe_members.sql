-- Restricted. One row per universe and person in it: why, for which contests, and how they can be reached for the
-- universe's purpose. A contact counts only where its source permits that purpose and nobody asked to be left alone.
with

reach as (
    select
        points.person_id,
        uses.purpose,
        max(case when points.channel = 'sms' then 1 else 0 end) = 1 as has_sms,
        max(case when points.channel = 'phone' then 1 else 0 end) = 1 as has_phone,
        max(case when points.channel = 'email' then 1 else 0 end) = 1 as has_email,
        max(case when points.channel = 'mail' then 1 else 0 end) = 1 as has_mail,
        max(case when points.channel = 'walk' then 1 else 0 end) = 1 as has_walk
    from {{ ref('int_contact__points') }} as points
    inner join {{ source('config', 'permitted_uses') }} as uses on points.source_id = uses.source
    where not points.is_suppressed
    group by points.person_id, uses.purpose
),

served as (
    select
        universe_id,
        split_id,
        {{ joined_text('contest_id') }} as contests_served
    from {{ ref('int_universes__contests') }}
    group by universe_id, split_id
),

deployed as (
    select
        deployments.universe_id,
        members.person_id,
        cast(count(*) as integer) as deployed_count,
        max(deployments.exported_at) as last_deployed_at
    from {{ source('config', 'deployment_members') }} as members
    inner join {{ source('config', 'deployments') }} as deployments on members.export_id = deployments.export_id
    where members.arm = 'contact'
    group by deployments.universe_id, members.person_id
)

select
    members.universe_id,
    definitions.purpose,
    members.person_id,
    members.voter_id,
    members.household_id,
    members.state,
    members.county_fips,
    members.split_id,
    splits.precinct_id,
    members.conditions_met,
    served.contests_served,
    definitions.allows_sms and coalesce(reach.has_sms, false) as can_sms,
    definitions.allows_phone and coalesce(reach.has_phone, false) as can_phone,
    definitions.allows_email and coalesce(reach.has_email, false) as can_email,
    definitions.allows_mail and coalesce(reach.has_mail, false) as can_mail,
    definitions.allows_walk and coalesce(reach.has_walk, false) as can_walk,
    -- What a platform matches by; a number that takes no texts or no calls is not handed to one either.
    definitions.allows_digital
    and (coalesce(reach.has_email, false) or coalesce(reach.has_sms and reach.has_phone, false)) as can_digital,
    people.is_protected,
    people.is_on_own_record,
    coalesce(deployed.deployed_count, 0) as deployed_count,
    deployed.last_deployed_at,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_universes__members') }} as members
inner join {{ ref('int_universes__definitions') }} as definitions on members.universe_id = definitions.universe_id
inner join {{ ref('int_universes__people') }} as people on members.person_id = people.person_id
left join {{ ref('int_geography__splits') }} as splits on members.split_id = splits.split_id
left join reach on members.person_id = reach.person_id and definitions.purpose = reach.purpose
left join served on members.universe_id = served.universe_id and members.split_id = served.split_id
left join deployed on members.universe_id = deployed.universe_id and members.person_id = deployed.person_id
cross join {{ source('config', 'campaign') }} as campaign
