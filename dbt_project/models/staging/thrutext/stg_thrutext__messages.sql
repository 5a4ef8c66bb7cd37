with

newest as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'thrutext_messages'), ['message_id']) }} as newest
)

select
    'thrutext' as vendor,
    conversation_id,
    message_direction = 'incoming' as is_inbound,
    {{ utc_time('"timestamp"') }} as sent_at,
    case when message_direction = 'incoming' then {{ reply_kind('message_body') }} end as reply_kind,
    message_error as error_code
from newest
