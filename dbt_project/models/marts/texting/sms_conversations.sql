-- Restricted. One row per conversation by text message; no message text and no number.
select
    conversations.vendor,
    conversations.conversation_id,
    conversations.campaign_id,
    conversations.campaign_name,
    conversations.message_arm,
    conversations.person_id,
    conversations.voter_id,
    conversations.first_message_at,
    conversations.last_message_at,
    conversations.messages_out,
    conversations.messages_in,
    conversations.has_replied,
    conversations.reply_sentiment,
    conversations.sentiment_basis,
    conversations.support_answer,
    conversations.opted_out_at,
    conversations.errors,
    conversations.error_code,
    conversations.is_delivered,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_texting__conversations') }} as conversations
cross join {{ source('config', 'campaign') }} as campaign
