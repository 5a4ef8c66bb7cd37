-- Whether to put staff on the ground: one row per contest and county that shares voters with it.
with

rates as (
    select
        max(case when channel = 'door' and purpose = 'gotv' then contact_rate end) as door_contact_rate,
        max(case when channel = 'door' and purpose = 'gotv' then rate_basis end) as door_rate_basis,
        max(case when channel = 'door' then own_attempts end) as own_door_attempts,
        max(case when channel = 'phone' and purpose = 'gotv' then contact_rate end) as phone_contact_rate,
        max(case when channel = 'phone' and purpose = 'gotv' then rate_basis end) as phone_rate_basis,
        max(case when channel = 'phone' then own_attempts end) as own_phone_attempts
    from {{ ref('int_field__rates') }}
)

select
    staffing.contest_id,
    contests.election_date,
    contests.state,
    contests.office_code,
    contests.district_id,
    staffing.county_fips,
    coalesce(counties.geography_name, staffing.county_fips) as county_name,
    staffing.vote_deficit,
    staffing.goal_from_gotv,
    staffing.goal_from_persuasion,
    staffing.pool_people,
    staffing.reachable_doors,
    staffing.reachable_phones,
    staffing.door_votes,
    staffing.ledger_hours,
    staffing.hours_required,
    staffing.weeks_left,
    staffing.volunteer_hours_available,
    staffing.hours_for_staff,
    staffing.organizers,
    staffing.offices,
    staffing.office_expected_votes,
    staffing.staff_cost_usd,
    staffing.cost_per_net_vote_staffed_usd,
    staffing.cost_per_net_vote_phone_usd,
    staffing.cost_per_net_vote_text_usd,
    staffing.cost_per_net_vote_mail_usd,
    rates.door_contact_rate,
    rates.door_rate_basis,
    rates.own_door_attempts,
    rates.phone_contact_rate,
    rates.phone_rate_basis,
    rates.own_phone_attempts,
    staffing.decision,
    staffing.reason,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_field__staffing') }} as staffing
inner join {{ ref('int_contests__contests') }} as contests on staffing.contest_id = contests.contest_id
left join {{ ref('int_geography__geographies') }} as counties
    on
        contests.state = counties.state
        and counties.geography_type = 'county'
        and staffing.county_fips = counties.geography_id
cross join rates
cross join {{ source('config', 'campaign') }} as campaign
