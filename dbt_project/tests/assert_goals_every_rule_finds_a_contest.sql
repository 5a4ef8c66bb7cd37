-- A rule of the campaign that found no voters: its state's file has not been delivered, or the district is misspelt.
{{ config(severity='warn') }}
select
    rules.state,
    rules.office_code,
    rules.district_id
from {{ source('config', 'contest_rules') }} as rules
left join {{ ref('int_contests__contests') }} as contests
    on
        rules.state = contests.state
        and rules.office_code = contests.office_code
        and rules.election_date = contests.election_date
        and coalesce(rules.district_id, contests.district_id, '') = coalesce(contests.district_id, '')
where contests.contest_id is null
