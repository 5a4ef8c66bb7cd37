-- Buckets become bounds; the open top bucket has no upper one.
with

spelled as (
    select
        trim(ad_id) as ad_id,
        trim(advertiser_id) as advertiser_id,
        lower(trim(ad_type)) as ad_type,
        cast(date_range_start as date) as first_date,
        cast(date_range_end as date) as last_date,
        {{ replace_all('impressions', '[ ,]', '') }} as bucket,
        cast(spend_range_min_usd as decimal(18, 2)) as spend_low_usd,
        cast(spend_range_max_usd as decimal(18, 2)) as spend_high_usd
    from {{ source('accepted', 'google_political_creatives') }}
),

ends as (
    select
        *,
        case
            when {{ matches('bucket', '^(<=|≤)') }} then '0'
            else {{ extract_first('bucket', '^>?([0-9.]+[kM]?)') }}
        end as low_text,
        case
            when {{ matches('bucket', '^>') }} then ''
            when {{ matches('bucket', '^(<=|≤)') }} then {{ extract_first('bucket', '([0-9.]+[kM]?)$') }}
            else {{ extract_first('bucket', '-([0-9.]+[kM]?)$') }}
        end as high_text
    from spelled
)

select
    ad_id,
    advertiser_id,
    ad_type,
    first_date,
    last_date,
    {%- for end in ['low', 'high'] %}
    cast(
        cast(nullif({{ replace_all(end ~ '_text', '[kM]', '') }}, '') as decimal(18, 3))
        * case
            when {{ matches(end ~ '_text', 'k$') }} then 1000
            when {{ matches(end ~ '_text', 'M$') }} then 1000000
            else 1
        end as bigint
    ) as impressions_{{ end }},
    {%- endfor %}
    spend_low_usd,
    spend_high_usd
from ends
