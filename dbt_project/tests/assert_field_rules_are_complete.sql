-- depends_on: {{ ref('int_field__rates') }}
-- Every number that the field programme reckons with is set, with a reason; a missing one would make nulls of plans.
select expected.name
from (
    select 'contact_rate_min_attempts' as name
    union all
    select 'contact_rate_prior_attempts'
    union all
    select 'capacity_weeks'
    union all
    select 'office_min_organizers'
    union all
    select 'organizers_per_office'
    union all
    select 'max_cost_per_net_vote_usd'
) as expected
left join {{ source('config', 'field_rules') }} as rules on expected.name = rules.name
where rules.value is null or length(trim(rules.reason)) = 0
