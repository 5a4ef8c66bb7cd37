select
    trim(advertiser_id) as advertiser_id,
    trim(country) as country,
    nullif({{ extract_first('trim(region)', '^US-([A-Z]{2})$') }}, '') as state,
    cast(spend_usd as decimal(18, 2)) as spend_usd
from {{ source('accepted', 'google_political_geo_spend') }}
