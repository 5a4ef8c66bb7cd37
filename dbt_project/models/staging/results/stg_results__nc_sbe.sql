with

delivered as (
    select
        {{ parse_date('election_date', 'mdy') }} as election_date,
        {{ county_key('county') }} as county_key,
        {{ normalize_precinct('precinct') }} as precinct_code,
        -- Before July 2018 nothing says which precincts are real; their names do.
        coalesce(real_precinct = 'Y', not {{ is_no_precinct('precinct') }}) as is_real_precinct,
        {{ office_text('contest_name') }} as office_text,
        {{ district_text('contest_name') }} as district_text,
        trim(choice) as candidate,
        upper(trim(choice_party)) as party_text,
        {{ to_integer('total_votes') }} as votes
    from {{ source('accepted', 'nc_results') }}
)

select
    delivered.election_date as election_date,
    'NC' as state,
    counties.county_fips as county_fips,
    case when delivered.is_real_precinct then counties.county_fips || '-' || delivered.precinct_code end as precinct_id,
    offices.office_code as office_code,
    {{ office_district("'NC'", 'offices.office_code', 'delivered.district_text') }} as district_id,
    coalesce(parties.party_code, 'O') as party_code,
    delivered.candidate as candidate,
    'total' as vote_mode,
    delivered.votes as votes
from delivered
inner join {{ ref('office_aliases') }} as offices on delivered.office_text = offices.office_text
left join {{ ref('party_aliases') }} as parties on delivered.party_text = parties.party_text
left join {{ ref('counties') }} as counties
    on counties.state = 'NC' and delivered.county_key = counties.county_key
where not {{ is_no_candidate('delivered.candidate') }}
