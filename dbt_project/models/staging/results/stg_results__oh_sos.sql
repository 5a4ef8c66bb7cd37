-- The sheet gives no day: the delivery's date is the election's.
with

delivered as (
    select
        snapshot_date as election_date,
        {{ county_key('county_name') }} as county_key,
        {{ normalize_precinct('precinct_code') }} as precinct_code,
        {{ office_text('contest') }} as office_text,
        {{ district_text('contest') }} as district_text,
        trim(candidate) as candidate,
        {{ extract_first('candidate', '[(]([A-Za-z]+)[)] *$') }} as party_text,
        {{ to_integer('votes') }} as votes
    from {{ source('accepted', 'oh_results') }}
)

select
    delivered.election_date as election_date,
    'OH' as state,
    counties.county_fips as county_fips,
    counties.county_fips || '-' || delivered.precinct_code as precinct_id,
    offices.office_code as office_code,
    {{ office_district("'OH'", 'offices.office_code', 'delivered.district_text') }} as district_id,
    coalesce(parties.party_code, 'O') as party_code,
    delivered.candidate as candidate,
    'total' as vote_mode,
    delivered.votes as votes
from delivered
inner join {{ ref('office_aliases') }} as offices on delivered.office_text = offices.office_text
left join {{ ref('party_aliases') }} as parties on upper(delivered.party_text) = parties.party_text
left join {{ ref('counties') }} as counties
    on counties.state = 'OH' and delivered.county_key = counties.county_key
where not {{ is_no_candidate('delivered.candidate') }}
