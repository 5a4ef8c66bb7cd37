with

delivered as (
    select
        {{ parse_date('election_date', 'yyyymmdd') }} as election_date,
        upper(trim(state)) as state,
        {{ county_key('county') }} as county_key,
        {{ as_text('null') }} as precinct_code,
        true as is_no_precinct,
        {{ office_text('office') }} as office_text,
        coalesce(nullif(trim(district), ''), {{ district_text('office') }}) as district_text,
        trim(candidate) as candidate,
        upper(trim(party)) as party_text,
        {{ to_integer('votes') }} as votes
    from {{ source('accepted', 'openelections_county') }}
    where not {{ is_total_row('county') }}
)

select
    delivered.election_date as election_date,
    delivered.state as state,
    counties.county_fips as county_fips,
    case when not delivered.is_no_precinct then counties.county_fips || '-' || delivered.precinct_code end
        as precinct_id,
    offices.office_code as office_code,
    {{ office_district('delivered.state', 'offices.office_code', 'delivered.district_text') }} as district_id,
    coalesce(parties.party_code, 'O') as party_code,
    delivered.candidate as candidate,
    'total' as vote_mode,
    delivered.votes as votes
from delivered
inner join {{ ref('office_aliases') }} as offices on delivered.office_text = offices.office_text
left join {{ ref('party_aliases') }} as parties on delivered.party_text = parties.party_text
inner join {{ ref('counties') }} as counties
    on delivered.state = counties.state and delivered.county_key = counties.county_key
where not {{ is_no_candidate('delivered.candidate') }}
