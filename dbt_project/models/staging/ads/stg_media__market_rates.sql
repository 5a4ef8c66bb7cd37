select
    trim(market_id) as media_market_id,
    trim(state) as state,
    cast(cost_per_point_usd as decimal(18, 4)) as cost_per_point_usd,
    cast(tv_homes as bigint) as tv_homes,
    cast(tv_homes_in_state as bigint) as tv_homes_in_state,
    cast(planned_points as decimal(12, 3)) as planned_points,
    cast(reach_at_plan as decimal(9, 6)) as reach_at_plan_share,
    trim(source) as source,
    cast(quoted_date as date) as quoted_date
from {{ source('accepted', 'media_market_rates') }}
