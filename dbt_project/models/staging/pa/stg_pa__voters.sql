with

delivered as (
    select
        *,
        {{ county_key('county') }} as county_key
    from {{ source('accepted', 'pa_voters') }}
),

zoned as (
    select
        delivered.*,
        {{ value_of_slot('zones.congressional_zone', 'delivered.district_', 40) }} as congressional_code,
        {{ value_of_slot('zones.state_senate_zone', 'delivered.district_', 40) }} as state_senate_code,
        {{ value_of_slot('zones.state_house_zone', 'delivered.district_', 40) }} as state_house_code,
        {{ value_of_slot('zones.municipality_zone', 'delivered.district_', 40) }} as municipality_code
    from delivered
    left join {{ ref('stg_pa__county_zones') }} as zones on delivered.county_key = zones.county_key
)

select
    'PA-' || zoned.id_number as voter_id,
    'PA' as state,
    counties.county_fips as county_fips,
    coalesce(statuses.status, 'other') as status,
    zoned.voter_status as source_status_code,
    coalesce(parties.party_code, case when zoned.party_code is null then 'N' else 'O' end) as party_code,
    zoned.party_code as source_party_code,
    {{ sex_code('zoned.gender') }} as sex,
    'U' as race_code,
    {{ parse_date('zoned.dob', 'mdy') }} as birth_date,
    cast(extract(year from {{ parse_date('zoned.dob', 'mdy') }}) as integer) as birth_year,
    {{ parse_date('zoned.registration_date', 'mdy') }} as registration_date,
    {{ unmasked('zoned.last_name') }} as last_name,
    {{ unmasked('zoned.first_name') }} as first_name,
    {{ unmasked('zoned.middle_name') }} as middle_name,
    {{ unmasked('zoned.suffix') }} as name_suffix,
    {{ join_words(['zoned.house_number', 'zoned.house_number_suffix', 'zoned.street_name', 'zoned.apartment_number',
        'zoned.address_line_2']) }} as residence_address,
    trim(zoned.city) as residence_city,
    {{ zip5('zoned.zip') }} as residence_zip,
    {{ join_words(['zoned.mail_address_1', 'zoned.mail_address_2']) }} as mailing_address,
    trim(zoned.mail_city) as mailing_city,
    trim(zoned.mail_state) as mailing_state,
    {{ zip5('zoned.mail_zip') }} as mailing_zip,
    {{ phone10('zoned.home_phone') }} as phone,
    {{ as_text('null') }} as email,
    {{ normalize_precinct('zoned.precinct_code') }} as precinct_code,
    {{ as_text('null') }} as precinct_name,
    -- Township names repeat from county to county, so the county is part of the key.
    {{ normalize_place("zoned.county_key || ' ' || municipalities.municipality_name") }} as municipality_key,
    municipalities.municipality_name as municipality_name,
    case when municipalities.municipality_name is not null then 'municipality' end as municipality_basis,
    {{ normalize_district("'PA'", 'congressional_district', 'zoned.congressional_code') }} as congressional_district_id,
    {{ normalize_district("'PA'", 'state_senate_district', 'zoned.state_senate_code') }} as state_senate_district_id,
    {{ normalize_district("'PA'", 'state_house_district', 'zoned.state_house_code') }} as state_house_district_id,
    false as is_protected,
    zoned.valid_from as valid_from,
    zoned.valid_to as valid_to,
    zoned.snapshot_date as snapshot_date
from zoned
left join {{ ref('counties') }} as counties
    on counties.state = 'PA' and zoned.county_key = counties.county_key
left join {{ ref('voter_status') }} as statuses
    on statuses.state = 'PA' and statuses.status_code = upper(trim(zoned.voter_status))
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'PA' and parties.source_party_code = upper(trim(zoned.party_code))
left join {{ ref('stg_pa__municipalities') }} as municipalities
    on
        zoned.county_key = municipalities.county_key
        and upper(trim(zoned.municipality_code)) = municipalities.municipality_code
