with

delivered as (
    select * from {{ source('accepted', 'va_voters') }}
),

-- Independent cities have locality codes from 510; their people live in a municipality by definition.
located as (
    select
        *,
        case when {{ to_integer('locality_code') }} >= 510 then localityname end as independent_city_name,
        {{ unmasked('townname_code_name') }} as town_name
    from delivered
)

select
    'VA-' || located.identification_number as voter_id,
    'VA' as state,
    counties.county_fips as county_fips,
    coalesce(statuses.status, 'other') as status,
    located.status as source_status_code,
    -- Virginia has no party registration; what people do in primaries is in their voting history.
    'N' as party_code,
    {{ as_text('null') }} as source_party_code,
    {{ sex_code('located.gender') }} as sex,
    'U' as race_code,
    {{ parse_date('located.dob', 'mdy') }} as birth_date,
    -- Some birth dates are a year alone.
    case
        when {{ matches('trim(located.dob)', '^[0-9]{4}$') }} then {{ to_integer('located.dob') }}
        else cast(extract(year from {{ parse_date('located.dob', 'mdy') }}) as integer)
    end as birth_year,
    {{ parse_date('located.registration_date', 'mdy') }} as registration_date,
    {{ unmasked('located.last_name') }} as last_name,
    {{ unmasked('located.first_name') }} as first_name,
    {{ unmasked('located.middle_name') }} as middle_name,
    {{ unmasked('located.suffix') }} as name_suffix,
    {{ join_words([
        'located.house_number', 'located.housenumbersuffix', 'located.direction', 'located.street_name',
        'located.streettypecodename', 'located.post_direction', 'located.apt_num',
    ]) }} as residence_address,
    trim(located.city) as residence_city,
    {{ zip5('located.zip') }} as residence_zip,
    {{ join_words([
        'located.mailing_address_line_1', 'located.mailing_address_line_2', 'located.mailing_address_line_3',
    ]) }} as mailing_address,
    trim(located.mailing_city) as mailing_city,
    trim(located.mailing_state) as mailing_state,
    {{ zip5('located.mailing_zip') }} as mailing_zip,
    {{ as_text('null') }} as phone,
    {{ as_text('null') }} as email,
    {{ precinct_number('located.precinct_code_value') }} as precinct_code,
    trim(located.precinctname) as precinct_name,
    {{ normalize_place('coalesce(located.independent_city_name, located.town_name)') }} as municipality_key,
    trim(coalesce(located.independent_city_name, located.town_name)) as municipality_name,
    case
        when located.independent_city_name is not null then 'independent_city'
        when located.town_name is not null then 'town'
    end as municipality_basis,
    {{ normalize_district("'VA'", 'congressional_district', 'located.cong_code_value') }} as congressional_district_id,
    {{ normalize_district("'VA'", 'state_senate_district', 'located.stsenate_code_value') }}
        as state_senate_district_id,
    {{ normalize_district("'VA'", 'state_house_district', 'located.sthouse_code_value') }} as state_house_district_id,
    false as is_protected,
    located.valid_from as valid_from,
    located.valid_to as valid_to,
    located.snapshot_date as snapshot_date
from located
left join {{ ref('counties') }} as counties
    on counties.state = 'VA' and counties.state_county_code = lpad(trim(located.locality_code), 3, '0')
left join {{ ref('voter_status') }} as statuses
    on statuses.state = 'VA' and statuses.status_code = upper(trim(located.status))
