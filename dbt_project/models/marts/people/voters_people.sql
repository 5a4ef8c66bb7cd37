-- Restricted. One row per registered voter: who they are and how the state says they can be reached.
select
    people.voter_id,
    ids.person_id,
    people.state,
    voters.county_fips,
    voters.precinct_id,
    people.last_name,
    people.first_name,
    people.middle_name,
    people.name_suffix,
    people.birth_date,
    people.birth_year,
    people.residence_address,
    people.residence_city,
    people.residence_zip,
    people.mailing_address,
    people.mailing_city,
    people.mailing_state,
    people.mailing_zip,
    people.phone,
    people.email,
    people.is_protected,
    voters.status,
    voters.party_code,
    voters.sex,
    voters.registration_date,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_voters__people') }} as people
inner join {{ ref('int_voters__current') }} as voters on people.voter_id = voters.voter_id
inner join {{ ref('int_identity__voter_ids') }} as ids on people.voter_id = ids.voter_id
cross join {{ source('config', 'campaign') }} as campaign
