{%- set least = message_least_people() %}
-- How many people of each segment were sent each wording, and how many answered. A segment with fewer than
-- {{ least }} people in any cell is merged with the next smallest ones until no cell is smaller; a campaign too
-- small for that is left out.
with

trials as (
    select
        conversations.vendor || ':' || conversations.campaign_id as campaign_id,
        conversations.campaign_name,
        coalesce(conversations.message_arm, 'only wording') as message,
        case
            when scores.voter_id is null then 'not on the voter file'
            else
                case
                    when scores.p_support >= 0.65 then 'supporters'
                    when scores.p_support >= 0.35 then 'in the middle'
                    else 'opponents'
                end
                || case scores.sex when 'F' then ', women' when 'M' then ', men' else ', sex not known' end
        end as segment,
        case when conversations.reply_sentiment in ('positive', 'question', 'other') then 1 else 0 end as responded
    from {{ ref('int_texting__conversations') }} as conversations
    left join {{ ref('int_scores__voters') }} as scores on conversations.voter_id = scores.voter_id
    where conversations.is_delivered
),

counted as (
    select
        campaign_id,
        segment,
        message,
        count(*) as sent,
        sum(responded) as responses
    from trials
    group by campaign_id, segment, message
),

titles as (
    select
        campaign_id,
        max(campaign_name) as campaign_name
    from trials
    group by campaign_id
),

messages as (
    select distinct
        campaign_id,
        message
    from counted
),

segments as (
    select distinct
        campaign_id,
        segment
    from counted
),

-- Every segment with every wording: one that nobody of a segment was sent is a cell of no people.
every_cell as (
    select
        segments.campaign_id,
        segments.segment,
        messages.message,
        coalesce(counted.sent, 0) as sent,
        coalesce(counted.responses, 0) as responses
    from segments
    inner join messages on segments.campaign_id = messages.campaign_id
    left join counted
        on
            segments.campaign_id = counted.campaign_id
            and segments.segment = counted.segment
            and messages.message = counted.message
),

smallest as (
    select
        campaign_id,
        segment,
        min(sent) as least_sent
    from every_cell
    group by campaign_id, segment
),

ranked as (
    select
        campaign_id,
        segment,
        least_sent,
        row_number() over (partition by campaign_id order by least_sent, segment) as place
    from smallest
),

-- What the cells of a merged segment would hold if it took in the segments up to each place.
running as (
    select
        every_cell.campaign_id,
        ranked.place,
        sum(every_cell.sent) over (
            partition by every_cell.campaign_id, every_cell.message order by ranked.place
            rows between unbounded preceding and current row
        ) as sent_so_far
    from every_cell
    inner join ranked
        on every_cell.campaign_id = ranked.campaign_id and every_cell.segment = ranked.segment
),

possible as (
    select
        campaign_id,
        place,
        min(sent_so_far) as least_sent
    from running
    group by campaign_id, place
),

too_small as (
    select
        campaign_id,
        count(case when least_sent < {{ least }} then 1 end) as segments_too_small
    from ranked
    group by campaign_id
),

merged as (
    select
        too_small.campaign_id,
        case when too_small.segments_too_small = 0 then 0 else min(possible.place) end as merged_up_to
    from too_small
    left join possible
        on
            too_small.campaign_id = possible.campaign_id
            and too_small.segments_too_small <= possible.place
            and possible.least_sent >= {{ least }}
    group by too_small.campaign_id, too_small.segments_too_small
),

placed as (
    select
        every_cell.campaign_id,
        case when ranked.place <= merged.merged_up_to then 'all others' else every_cell.segment end as segment,
        every_cell.message,
        every_cell.sent,
        every_cell.responses
    from every_cell
    inner join ranked
        on every_cell.campaign_id = ranked.campaign_id and every_cell.segment = ranked.segment
    inner join merged on every_cell.campaign_id = merged.campaign_id
    where merged.merged_up_to is not null
)

select
    'sms' as channel,
    placed.campaign_id as campaign_id,
    titles.campaign_name as campaign_name,
    placed.segment as segment,
    placed.message as message,
    cast(sum(placed.sent) as integer) as sent,
    cast(sum(placed.responses) as integer) as responses
from placed
inner join titles on placed.campaign_id = titles.campaign_id
group by placed.campaign_id, titles.campaign_name, placed.segment, placed.message
