with

messages as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'thrutext_messages'), ['message_id']) }} as newest
),

surveys as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'thrutext_surveys'), ['conversation_id', 'survey_id']) }} as newest
),

answers as (
    select
        conversation_id,
        min({{ support_answer('response') }}) as support_answer
    from surveys
    where lower(survey_question) like '%support%'
    group by conversation_id
),

conversations as (
    select
        conversation_id,
        min(contact_id) as contact_id,
        min(campaign_id) as campaign_id,
        min(campaign_name) as campaign_name,
        min(message_arm) as message_arm
    from messages
    group by conversation_id
)

select
    'thrutext' as vendor,
    conversations.conversation_id as conversation_id,
    'thrutext:' || conversations.contact_id as record_id,
    conversations.campaign_id as campaign_id,
    conversations.campaign_name as campaign_name,
    conversations.message_arm as message_arm,
    answers.support_answer as support_answer,
    cast(null as varchar) as tag_kind
from conversations
left join answers on conversations.conversation_id = answers.conversation_id
