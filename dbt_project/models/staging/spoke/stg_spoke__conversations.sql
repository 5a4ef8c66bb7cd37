-- The newest word on every contact of a campaign; an answer counts while the newest export still holds it.
with

newest as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'spoke_contacts'), ['campaign_id', 'cell']) }} as newest
),

answers as (
    select
        delivery_id,
        campaign_id,
        cell,
        min({{ support_answer('answer') }}) as support_answer
    from {{ source('accepted', 'spoke_answers') }}
    where lower(question) like '%support%'
    group by delivery_id, campaign_id, cell
)

select
    'spoke' as vendor,
    {{ spoke_conversation('newest.campaign_id', 'newest.cell') }} as conversation_id,
    'spoke:' || coalesce(newest.external_id, {{ phone_e164('newest.cell') }}, newest.cell) as record_id,
    newest.campaign_id as campaign_id,
    newest.campaign as campaign_name,
    newest.message_arm as message_arm,
    answers.support_answer as support_answer,
    {{ tag_kind('newest.tags') }} as tag_kind
from newest
left join answers
    on
        newest.delivery_id = answers.delivery_id
        and newest.campaign_id = answers.campaign_id
        and newest.cell = answers.cell
