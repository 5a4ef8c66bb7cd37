-- A thread belongs to the goal of its messages that have one; answers stand in the tags of the newest sync.
with

messages as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_messages'), ['id']) }} as newest
),

leads as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_leads'), ['id']) }} as newest
),

goals as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_goals'), ['id']) }} as newest
),

tags as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_tags'), ['id']) }} as newest
),

-- The sync brings the whole list: a tag that the newest one lacks was taken away.
latest as (
    select max(snapshot_date) as snapshot_date
    from {{ source('accepted', 'hustle_leads') }}
),

answers as (
    select
        lead_tags.lead_id,
        min(case when lower(tags.tag) like '%support%' then {{ support_answer('tags.tag') }} end) as support_answer,
        min({{ tag_kind('tags.tag') }}) as tag_kind
    from {{ source('accepted', 'hustle_lead_tags') }} as lead_tags
    inner join latest on lead_tags.snapshot_date = latest.snapshot_date
    inner join tags on lead_tags.tag_id = tags.id
    where tags.deleted_at is null
    group by lead_tags.lead_id
),

threads as (
    select
        thread_id,
        min(lead_id) as lead_id,
        min(attributed_goal_id) as goal_id
    from messages
    group by thread_id
)

select
    'hustle' as vendor,
    threads.thread_id as conversation_id,
    'hustle:' || threads.lead_id as record_id,
    coalesce(threads.goal_id, 'none') as campaign_id,
    goals.name as campaign_name,
    {{ json_field('leads.custom_fields', 'message_arm') }} as message_arm,
    answers.support_answer as support_answer,
    answers.tag_kind as tag_kind
from threads
left join leads on threads.lead_id = leads.id
left join goals on threads.goal_id = goals.id
left join answers on threads.lead_id = answers.lead_id
