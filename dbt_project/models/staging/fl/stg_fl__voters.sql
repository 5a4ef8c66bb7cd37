with

delivered as (
    select * from {{ source('accepted', 'fl_voters') }}
),

-- Exempt people (judges, police, victims) have everything masked with '*', precinct and districts too.
marked as (
    select
        *,
        coalesce(public_records_exemption, 'N') = 'Y' or coalesce(name_last, '') like '*%' as is_protected
    from delivered
)

select
    'FL-' || marked.voter_id as voter_id,
    'FL' as state,
    counties.county_fips as county_fips,
    coalesce(statuses.status, 'other') as status,
    marked.voter_status as source_status_code,
    coalesce(parties.party_code, case when marked.party_affiliation is null then 'N' else 'O' end) as party_code,
    marked.party_affiliation as source_party_code,
    {{ sex_code('marked.gender') }} as sex,
    case marked.race
        when '1' then 'I'
        when '2' then 'A'
        when '3' then 'B'
        when '4' then 'H'
        when '5' then 'W'
        when '6' then 'O'
        when '7' then 'M'
        else 'U'
    end as race_code,
    {{ parse_date('marked.birth_date', 'mdy') }} as birth_date,
    cast(extract(year from {{ parse_date('marked.birth_date', 'mdy') }}) as integer) as birth_year,
    {{ parse_date('marked.registration_date', 'mdy') }} as registration_date,
    {{ unmasked('marked.name_last') }} as last_name,
    {{ unmasked('marked.name_first') }} as first_name,
    {{ unmasked('marked.name_middle') }} as middle_name,
    {{ unmasked('marked.name_suffix') }} as name_suffix,
    {{ join_words(['marked.residence_address_line_1', 'marked.residence_address_line_2']) }} as residence_address,
    {{ unmasked('marked.residence_city') }} as residence_city,
    {{ zip5('marked.residence_zipcode') }} as residence_zip,
    {{ join_words([
        'marked.mailing_address_line_1', 'marked.mailing_address_line_2', 'marked.mailing_address_line_3',
    ]) }} as mailing_address,
    {{ unmasked('marked.mailing_city') }} as mailing_city,
    {{ unmasked('marked.mailing_state') }} as mailing_state,
    {{ zip5('marked.mailing_zipcode') }} as mailing_zip,
    {{ phone10("coalesce(marked.daytime_area_code, '') || coalesce(marked.daytime_phone_number, '')") }} as phone,
    lower({{ unmasked('marked.email_address') }}) as email,
    {{ normalize_precinct(unmasked('marked.precinct')) }} as precinct_code,
    {{ as_text('null') }} as precinct_name,
    -- The extract has no municipality; the postal city is an approximation and is flagged as one.
    {{ normalize_place(unmasked('marked.residence_city')) }} as municipality_key,
    {{ unmasked('marked.residence_city') }} as municipality_name,
    case when {{ unmasked('marked.residence_city') }} is not null then 'postal_city' end as municipality_basis,
    {{ normalize_district("'FL'", 'congressional_district', 'marked.congressional_district') }}
        as congressional_district_id,
    {{ normalize_district("'FL'", 'state_senate_district', 'marked.senate_district') }} as state_senate_district_id,
    {{ normalize_district("'FL'", 'state_house_district', 'marked.house_district') }} as state_house_district_id,
    marked.is_protected as is_protected,
    marked.valid_from as valid_from,
    marked.valid_to as valid_to,
    marked.snapshot_date as snapshot_date
from marked
left join {{ ref('counties') }} as counties
    on counties.state = 'FL' and counties.state_county_code = upper(trim(marked.county_code))
left join {{ ref('voter_status') }} as statuses
    on statuses.state = 'FL' and statuses.status_code = upper(trim(marked.voter_status))
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'FL' and parties.source_party_code = upper(trim(marked.party_affiliation))
