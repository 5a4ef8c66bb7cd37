-- Messages carry no id: two that agree in everything said here are one.
with

newest as (
    select newest.*
    from {{ newest_by_key(
        source('accepted', 'spoke_messages'),
        ['campaign_id', 'contact_number', 'attempted_at', 'is_from_contact', 'text']
    ) }} as newest
)

select
    'spoke' as vendor,
    {{ spoke_conversation('campaign_id', 'contact_number') }} as conversation_id,
    {{ is_yes('is_from_contact') }} as is_inbound,
    {{ utc_time('attempted_at') }} as sent_at,
    case when {{ is_yes('is_from_contact') }} then {{ reply_kind('text') }} end as reply_kind,
    coalesce(error_codes, case when upper(send_status) = 'ERROR' then 'unknown' end) as error_code
from newest
