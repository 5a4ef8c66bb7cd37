with

delivered as (
    select * from {{ source('accepted', 'nc_voters') }}
),

-- '#' in a name marks a record under review; the confidential indicator is General Statute 163-82.10B.
marked as (
    select
        *,
        coalesce(confidential_ind, 'N') = 'Y' or coalesce(last_name, '') like '%#%' as is_protected
    from delivered
)

select
    'NC-' || marked.ncid as voter_id,
    'NC' as state,
    counties.county_fips as county_fips,
    coalesce(statuses.status, 'other') as status,
    marked.status_cd as source_status_code,
    coalesce(parties.party_code, case when marked.party_cd is null then 'N' else 'O' end) as party_code,
    marked.party_cd as source_party_code,
    {{ sex_code('marked.gender_code') }} as sex,
    case when marked.ethnic_code = 'HL' then 'H' else coalesce(marked.race_code, 'U') end as race_code,
    cast(null as date) as birth_date,
    {{ to_integer('marked.birth_year') }} as birth_year,
    {{ parse_date('marked.registr_dt', 'mdy') }} as registration_date,
    {{ unmasked('marked.last_name') }} as last_name,
    {{ unmasked('marked.first_name') }} as first_name,
    {{ unmasked('marked.middle_name') }} as middle_name,
    {{ unmasked('marked.name_suffix_lbl') }} as name_suffix,
    {{ replace_all('trim(marked.res_street_address)', ' +', ' ') }} as residence_address,
    trim(marked.res_city_desc) as residence_city,
    {{ zip5('marked.zip_code') }} as residence_zip,
    {{ join_words(['marked.mail_addr1', 'marked.mail_addr2', 'marked.mail_addr3', 'marked.mail_addr4']) }}
        as mailing_address,
    trim(marked.mail_city) as mailing_city,
    trim(marked.mail_state) as mailing_state,
    {{ zip5('marked.mail_zipcode') }} as mailing_zip,
    {{ phone10('marked.full_phone_number') }} as phone,
    {{ as_text('null') }} as email,
    {{ normalize_precinct('marked.precinct_abbrv') }} as precinct_code,
    trim(marked.precinct_desc) as precinct_name,
    {{ normalize_place('marked.municipality_desc') }} as municipality_key,
    trim(marked.municipality_desc) as municipality_name,
    case when marked.municipality_desc is not null then 'municipality' end as municipality_basis,
    {{ normalize_district("'NC'", 'congressional_district', 'marked.cong_dist_abbrv') }} as congressional_district_id,
    {{ normalize_district("'NC'", 'state_senate_district', 'marked.nc_senate_abbrv') }} as state_senate_district_id,
    {{ normalize_district("'NC'", 'state_house_district', 'marked.nc_house_abbrv') }} as state_house_district_id,
    marked.is_protected as is_protected,
    marked.valid_from as valid_from,
    marked.valid_to as valid_to,
    marked.snapshot_date as snapshot_date
from marked
left join {{ ref('counties') }} as counties
    on counties.state = 'NC' and counties.county_key = {{ county_key('marked.county_desc') }}
left join {{ ref('voter_status') }} as statuses
    on statuses.state = 'NC' and marked.status_cd = statuses.status_code
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'NC' and marked.party_cd = parties.source_party_code
