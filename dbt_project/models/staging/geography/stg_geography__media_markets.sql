select
    lpad(trim(county_fips), 5, '0') as county_fips,
    trim(market_id) as media_market_id,
    trim(market_name) as media_market_name
from {{ source('accepted', 'media_markets') }}
