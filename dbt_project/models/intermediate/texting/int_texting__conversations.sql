-- What became of each conversation, whoever's tool it was held in. No message text comes this far.
with

messages as (
    {{ of_texting_vendors('messages') }}
),

conversations as (
    {{ of_texting_vendors('conversations') }}
),

people as (
    select
        record_id,
        phone
    from {{ ref('stg_spoke__contacts') }}
    union all
    select
        record_id,
        phone
    from {{ ref('stg_thrutext__contacts') }}
    union all
    select
        record_id,
        phone
    from {{ ref('stg_hustle__leads') }}
),

-- An opt-out of everything is one of texts too.
opt_outs as (
    select
        contact,
        min(first_opted_out_at) as opted_out_at
    from {{ ref('int_contact__opt_outs') }}
    where channel in ('sms', 'all')
    group by contact
),

counted as (
    select
        vendor,
        conversation_id,
        min(sent_at) as first_message_at,
        max(sent_at) as last_message_at,
        cast(count(case when not is_inbound then 1 end) as integer) as messages_out,
        cast(count(case when is_inbound then 1 end) as integer) as messages_in,
        cast(count(case when not is_inbound then error_code end) as integer) as errors,
        min(case when not is_inbound then error_code end) as error_code,
        count(case when reply_kind = 'stop' then 1 end) > 0 as said_stop,
        min(case when reply_kind = 'stop' then sent_at end) as stopped_at,
        count(case when reply_kind = 'negative' then 1 end) > 0 as said_no,
        count(case when reply_kind = 'positive' then 1 end) > 0 as said_yes,
        count(case when reply_kind = 'question' then 1 end) > 0 as asked
    from messages
    group by vendor, conversation_id
),

-- A survey answer goes before a tag, a tag before words; a revocation before all of them.
judged as (
    select
        counted.*,
        conversations.record_id,
        conversations.campaign_id,
        conversations.campaign_name,
        conversations.message_arm,
        conversations.support_answer,
        case
            when counted.said_stop then 'stop'
            when conversations.support_answer <= 2 then 'positive'
            when conversations.support_answer = 3 then 'other'
            when conversations.support_answer >= 4 then 'negative'
            when conversations.tag_kind is not null then conversations.tag_kind
            when counted.said_no then 'negative'
            when counted.said_yes then 'positive'
            when counted.asked then 'question'
            when counted.messages_in > 0 then 'other'
        end as reply_sentiment,
        case
            when counted.said_stop then 'words'
            when conversations.support_answer is not null then 'survey'
            when conversations.tag_kind is not null then 'tag'
            when counted.messages_in > 0 then 'words'
        end as sentiment_basis
    from counted
    inner join conversations
        on
            counted.vendor = conversations.vendor
            and counted.conversation_id = conversations.conversation_id
)

select
    judged.vendor,
    judged.conversation_id,
    judged.campaign_id,
    judged.campaign_name,
    judged.message_arm,
    links.person_id,
    links.voter_id,
    judged.first_message_at,
    judged.last_message_at,
    judged.messages_out,
    judged.messages_in,
    judged.messages_in > 0 as has_replied,
    judged.reply_sentiment,
    judged.sentiment_basis,
    cast(judged.support_answer as integer) as support_answer,
    -- A number that cannot be read can be on no list, nor be texted: what was said in the conversation holds. One that
    -- can be read must be on the list, or the gate refuses.
    coalesce(opt_outs.opted_out_at, case when people.phone is null then judged.stopped_at end) as opted_out_at,
    judged.errors,
    judged.error_code,
    judged.messages_out > judged.errors as is_delivered
from judged
left join people on judged.record_id = people.record_id
left join opt_outs on people.phone = opt_outs.contact
left join {{ ref('int_identity__links') }} as links on judged.record_id = links.record_id
