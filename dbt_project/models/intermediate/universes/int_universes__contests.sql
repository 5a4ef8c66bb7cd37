-- Which contests a universe serves in each precinct split: those it names, among those fought there.
select
    definitions.universe_id,
    areas.split_id,
    contests.contest_id,
    contests.roll_off
from {{ ref('int_contests__contests') }} as contests
inner join {{ ref('int_goals__split_geographies') }} as areas
    on
        contests.state = areas.state
        and contests.geography_type = areas.geography_type
        and contests.geography_id = areas.geography_id
inner join {{ ref('int_universes__definitions') }} as definitions
    on
        definitions.office_codes = '|all|'
        or definitions.office_codes like '%|' || contests.office_code || '|%'
