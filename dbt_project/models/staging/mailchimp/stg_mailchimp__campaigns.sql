-- One row per e-mail campaign that was sent: what, to how many, and how it was answered.
with

campaigns as (
    select newest.*
    from
        {{ newest_by_key(source('accepted', 'mailchimp_campaigns'), ['id']) }}
            as newest
)

select
    id as campaign_id,
    type as campaign_type,
    coalesce({{ json_text('settings', '$.title') }}, id) as title,
    {{ json_text('settings', '$.subject_line') }} as subject_line,
    {{ json_text('recipients', '$.list_id') }} as list_id,
    {{ json_text('recipients', '$.segment_text') }} as segment,
    {{ as_time('send_time') }} as sent_at,
    cast({{ to_integer('emails_sent') }} as bigint) as emails_sent,
    cast({{ to_integer(json_text('report_summary', '$.unique_opens')) }} as bigint) as unique_opens,
    cast({{ to_integer(json_text('report_summary', '$.clicks')) }} as bigint) as clicks,
    cast({{ to_integer(json_text('report_summary', '$.subscriber_clicks')) }} as bigint) as clickers
from campaigns
where status = 'sent'
