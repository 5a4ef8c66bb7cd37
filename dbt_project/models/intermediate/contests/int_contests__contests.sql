-- One row per contest: every rule of the campaign expanded by the districts that have active voters.
with rules as (
    select
        state,
        office_code,
        district_type,
        district_id,
        election_date,
        party_code,
        seats,
        candidates,
        plurality_share,
        target_share
    from {{ source('config', 'contest_rules') }}
),

areas as (
    select distinct
        geographies.state,
        geographies.geography_type,
        geographies.geography_id
    from {{ ref('int_goals__split_geographies') }} as geographies
    inner join {{ ref('int_goals__split_measures') }} as measures
        on geographies.split_id = measures.split_id
    where measures.registered > 0 and not ({{ goals_is_withheld('geographies.geography_id') }})
),

-- A rule for one named district goes before the rule for every district of its kind.
matched as (
    select
        rules.*,
        case when rules.district_type is not null then areas.geography_id end as found_district_id,
        row_number() over (
            partition by rules.election_date, rules.state, rules.office_code, areas.geography_id
            order by case when rules.district_id is not null then 0 else 1 end asc nulls last
        ) as place
    from rules
    inner join areas
        on
            rules.state = areas.state
            and areas.geography_type = coalesce(rules.district_type, 'state')
            and areas.geography_id = coalesce(
                rules.district_id,
                case when rules.district_type is null then rules.state else areas.geography_id end
            )
)

select
    cast(
        cast(matched.election_date as varchar) || ':' || matched.state || ':' || matched.office_code
        || case when matched.found_district_id is null then '' else ':' || matched.found_district_id end as varchar
    ) as contest_id,
    cast(
        coalesce(offices.office_name, matched.office_code) || ', ' || coalesce(matched.found_district_id, matched.state)
        || ', ' || cast(matched.election_date as varchar) as varchar
    ) as contest_name,
    matched.election_date,
    matched.state,
    matched.office_code,
    matched.district_type,
    matched.found_district_id as district_id,
    coalesce(matched.district_type, 'state') as geography_type,
    coalesce(matched.found_district_id, matched.state) as geography_id,
    matched.party_code,
    matched.seats,
    matched.candidates,
    matched.plurality_share,
    matched.target_share,
    cast(coalesce(least(roll_off.roll_off, 1), 1) as decimal(9, 6)) as roll_off
from matched
left join {{ ref('offices') }} as offices
    on matched.office_code = offices.office_code
left join {{ ref('int_results__roll_off') }} as roll_off
    on matched.state = roll_off.state and matched.office_code = roll_off.office_code
where matched.place = 1
