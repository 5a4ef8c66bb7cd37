-- One row per day, platform, campaign, creative and area. A cost per nothing is null, never a number.
select
    daily.response_date,
    daily.platform,
    daily.account_id,
    daily.campaign_id,
    daily.campaign_name,
    daily.creative_id,
    daily.creative_name,
    daily.area_type,
    daily.area_id,
    daily.state,
    daily.media_market_id,
    daily.test_id,
    daily.arm,
    daily.spend_usd,
    daily.impressions,
    daily.clicks,
    daily.conversions,
    case
        when daily.impressions > 0 then cast(cast(daily.clicks as double) / daily.impressions as decimal(9, 6))
    end as click_share,
    case
        when daily.clicks > 0 then cast(cast(daily.spend_usd as double) / daily.clicks as decimal(18, 4))
    end as cost_per_click_usd,
    case
        when daily.conversions > 0
            then cast(cast(daily.spend_usd as double) / cast(daily.conversions as double) as decimal(18, 4))
    end as cost_per_conversion_usd,
    lifts.lift_share,
    lifts.lift_low_share,
    lifts.lift_high_share,
    lifts.cost_per_added_conversion_usd,
    lifts.lift_statement,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_ads__daily') }} as daily
left join {{ ref('int_ads__lift') }} as lifts on daily.platform = lifts.platform and daily.test_id = lifts.test_id
cross join {{ source('config', 'campaign') }} as campaign
