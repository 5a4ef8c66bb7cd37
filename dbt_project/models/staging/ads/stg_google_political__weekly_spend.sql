select
    trim(advertiser_id) as advertiser_id,
    trim(advertiser_name) as advertiser_name,
    cast(week_start_date as date) as week_start_date,
    cast(spend_usd as decimal(18, 2)) as spend_usd
from {{ source('accepted', 'google_political_weekly_spend') }}
