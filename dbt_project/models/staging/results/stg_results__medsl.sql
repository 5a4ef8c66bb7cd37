-- General elections only; a special election for the same office on the same day is another contest.
with

delivered as (
    select
        coalesce({{ parse_date('date', 'ymd') }}, snapshot_date) as election_date,
        upper(trim(state_po)) as state,
        lpad(trim(county_fips), 5, '0') as county_fips,
        {{ normalize_precinct('precinct') }} as precinct_code,
        {{ is_no_precinct('precinct') }} as is_no_precinct,
        {{ office_text('office') }} as office_text,
        trim(district) as district_text,
        trim(candidate) as candidate,
        upper(coalesce(trim(party_simplified), trim(party_detailed))) as party_text,
        case when upper(coalesce(trim(mode), 'TOTAL')) = 'TOTAL' then 'total' else lower(trim(mode)) end as vote_mode,
        {{ to_integer('votes') }} as votes
    from {{ source('accepted', 'medsl_precinct') }}
    where
        upper(coalesce(trim(stage), 'GEN')) = 'GEN'
        and upper(coalesce(trim(special), 'FALSE')) <> 'TRUE'
        and upper(coalesce(trim(writein), 'FALSE')) <> 'TRUE'
        and not {{ is_total_row('precinct') }}
)

select
    delivered.election_date as election_date,
    delivered.state as state,
    delivered.county_fips as county_fips,
    case when not delivered.is_no_precinct then delivered.county_fips || '-' || delivered.precinct_code end
        as precinct_id,
    offices.office_code as office_code,
    {{ office_district('delivered.state', 'offices.office_code', 'delivered.district_text') }} as district_id,
    coalesce(parties.party_code, 'O') as party_code,
    delivered.candidate as candidate,
    delivered.vote_mode as vote_mode,
    delivered.votes as votes
from delivered
inner join {{ ref('office_aliases') }} as offices on delivered.office_text = offices.office_text
left join {{ ref('party_aliases') }} as parties on delivered.party_text = parties.party_text
where not {{ is_no_candidate('delivered.candidate') }}
