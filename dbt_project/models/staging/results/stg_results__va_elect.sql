-- The sheet gives no day: the delivery's date is the election's.
with

delivered as (
    select
        snapshot_date as election_date,
        {{ county_key_with_kind('county_city') }} as county_key,
        {{ is_no_precinct('precinct') }} as is_no_precinct,
        nullif({{ extract_first('trim(precinct)', '^([0-9]+)') }}, '') as precinct_number,
        {{ office_text('contest') }} as office_text,
        {{ district_text('contest') }} as district_text,
        trim(candidate) as candidate,
        upper(trim(party)) as party_text,
        {{ to_integer('votes') }} as votes
    from {{ source('accepted', 'va_results') }}
)

select
    delivered.election_date as election_date,
    'VA' as state,
    counties.county_fips as county_fips,
    case
        when not delivered.is_no_precinct and delivered.precinct_number is not null
            then counties.county_fips || '-' || {{ precinct_number('delivered.precinct_number') }}
    end as precinct_id,
    offices.office_code as office_code,
    {{ office_district("'VA'", 'offices.office_code', 'delivered.district_text') }} as district_id,
    coalesce(parties.party_code, 'O') as party_code,
    delivered.candidate as candidate,
    'total' as vote_mode,
    delivered.votes as votes
from delivered
inner join {{ ref('office_aliases') }} as offices on delivered.office_text = offices.office_text
left join {{ ref('party_aliases') }} as parties on delivered.party_text = parties.party_text
left join {{ ref('counties') }} as counties
    on counties.state = 'VA' and delivered.county_key = counties.county_key
where not {{ is_no_candidate('delivered.candidate') }}
