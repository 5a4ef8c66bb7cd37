-- A join that finds two rows, or none, shows here: what the platforms billed and credited is what is published.
with

told as (
    select
        'google' as platform,
        account_id,
        response_date,
        spend_usd,
        conversions
    from {{ ref('stg_google_ads__daily') }}
    union all
    select
        'meta' as platform,
        account_id,
        response_date,
        spend_usd,
        conversions
    from {{ ref('stg_meta__ads_daily') }}
),

balance as (
    select
        platform,
        account_id,
        response_date,
        spend_usd,
        conversions
    from told
    union all
    select
        platform,
        account_id,
        response_date,
        -spend_usd as spend_usd,
        -conversions as conversions
    from {{ ref('ad_response') }}
)

select
    platform,
    account_id,
    response_date
from balance
group by platform, account_id, response_date
having sum(spend_usd) <> 0 or sum(conversions) <> 0
