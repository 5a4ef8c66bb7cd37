-- Nobody can work a list of areas without names.
select
    contest_id,
    geography_type,
    geography_id
from {{ ref('district_vote_goals') }}
where geography_name is null or trim(geography_name) = '' or trim(geography_id) = ''
