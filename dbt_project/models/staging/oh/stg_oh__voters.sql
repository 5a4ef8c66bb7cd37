with

delivered as (
    select * from {{ source('accepted', 'oh_voters') }}
)

select
    'OH-' || delivered.sos_voterid as voter_id,
    'OH' as state,
    counties.county_fips as county_fips,
    coalesce(statuses.status, 'other') as status,
    delivered.voter_status as source_status_code,
    coalesce(parties.party_code, case when delivered.party_affiliation is null then 'N' else 'O' end) as party_code,
    delivered.party_affiliation as source_party_code,
    'U' as sex,
    'U' as race_code,
    {{ parse_date('delivered.date_of_birth', 'ymd') }} as birth_date,
    cast(extract(year from {{ parse_date('delivered.date_of_birth', 'ymd') }}) as integer) as birth_year,
    {{ parse_date('delivered.registration_date', 'ymd') }} as registration_date,
    {{ unmasked('delivered.last_name') }} as last_name,
    {{ unmasked('delivered.first_name') }} as first_name,
    {{ unmasked('delivered.middle_name') }} as middle_name,
    {{ unmasked('delivered.suffix') }} as name_suffix,
    {{ join_words(['delivered.residential_address1', 'delivered.residential_secondary_addr']) }} as residence_address,
    trim(delivered.residential_city) as residence_city,
    {{ zip5('delivered.residential_zip') }} as residence_zip,
    {{ join_words(['delivered.mailing_address1', 'delivered.mailing_secondary_address']) }} as mailing_address,
    trim(delivered.mailing_city) as mailing_city,
    trim(delivered.mailing_state) as mailing_state,
    {{ zip5('delivered.mailing_zip') }} as mailing_zip,
    {{ as_text('null') }} as phone,
    {{ as_text('null') }} as email,
    {{ normalize_precinct('delivered.precinct_code') }} as precinct_code,
    trim(delivered.precinct_name) as precinct_name,
    -- A township is not a municipality: its people are counted as unincorporated.
    {{ normalize_place('coalesce(delivered.city, delivered.village)') }} as municipality_key,
    trim(coalesce(delivered.city, delivered.village)) as municipality_name,
    case
        when delivered.city is not null then 'city'
        when delivered.village is not null then 'village'
    end as municipality_basis,
    {{ normalize_district("'OH'", 'congressional_district', 'delivered.congressional_district') }}
        as congressional_district_id,
    {{ normalize_district("'OH'", 'state_senate_district', 'delivered.state_senate_district') }}
        as state_senate_district_id,
    {{ normalize_district("'OH'", 'state_house_district', 'delivered.state_representative_district') }}
        as state_house_district_id,
    false as is_protected,
    delivered.valid_from as valid_from,
    delivered.valid_to as valid_to,
    delivered.snapshot_date as snapshot_date
from delivered
left join {{ ref('counties') }} as counties
    on counties.state = 'OH' and counties.state_county_code = lpad(trim(delivered.county_number), 2, '0')
left join {{ ref('voter_status') }} as statuses
    on statuses.state = 'OH' and statuses.status_code = upper(trim(delivered.voter_status))
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'OH' and delivered.party_affiliation = parties.source_party_code
