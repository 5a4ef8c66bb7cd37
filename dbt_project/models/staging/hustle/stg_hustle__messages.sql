-- The sync has no column for errors: a text that could not be delivered is told by its type.
with

newest as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_messages'), ['id']) }} as newest
)

select
    'hustle' as vendor,
    thread_id as conversation_id,
    direction = 'inbound' as is_inbound,
    {{ utc_time('created_at') }} as sent_at,
    case when direction = 'inbound' then {{ reply_kind('message') }} end as reply_kind,
    case when type like 'failed%' then coalesce(nullif(replace(type, 'failed_', ''), 'failed'), 'unknown') end
        as error_code
from newest
