-- How each segment answers each wording, and which one to send it. Where a segment tells too little, what does best
-- with everyone is what to send.
with

placed as (
    select
        *,
        row_number() over (
            partition by channel, campaign_id, segment order by p_best desc, pooled_rate desc, message asc
        ) as place,
        min(sent) over (partition by channel, campaign_id, segment) as least_sent
    from {{ ref('int_message__estimates') }}
),

judged as (
    select
        *,
        place = 1
        and messages > 1
        and p_best >= {{ message_least_certainty() }}
        and least_sent >= {{ message_least_sent() }} as is_winner
    from placed
),

verdicts as (
    select
        channel,
        campaign_id,
        segment,
        count(case when is_winner then 1 end) > 0 as has_winner
    from judged
    group by channel, campaign_id, segment
),

overall as (
    select
        channel,
        campaign_id,
        message as overall_best
    from placed
    where segment = 'everyone' and place = 1
)

select
    judged.channel,
    judged.campaign_id,
    judged.campaign_name,
    judged.segment,
    judged.message,
    judged.sent,
    judged.responses,
    judged.raw_rate,
    judged.own_weight,
    judged.pooled_rate,
    judged.pooled_rate_low,
    judged.pooled_rate_high,
    judged.p_best,
    judged.is_winner,
    case
        when judged.messages < 2 then 'nothing to compare'
        when judged.is_winner then 'winner'
        when verdicts.has_winner then 'beaten'
        else 'not enough data'
    end as verdict,
    case
        when verdicts.has_winner then judged.is_winner
        else judged.message = overall.overall_best
    end as is_to_send,
    campaign.data_as_of,
    campaign.release_id
from judged
inner join verdicts
    on
        judged.channel = verdicts.channel
        and judged.campaign_id = verdicts.campaign_id
        and judged.segment = verdicts.segment
inner join overall on judged.channel = overall.channel and judged.campaign_id = overall.campaign_id
cross join {{ source('config', 'campaign') }} as campaign
