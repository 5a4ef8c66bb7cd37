-- Which records of the own platforms are one donor. From donor records alone: the lists of voters of Virginia and
-- Pennsylvania may not be used for raising money, so no list takes part, and a donor's id is no voter's.
{%- set rounds = 5 %}
with

records as (
    {%- for source in ['actblue', 'winred', 'ngp'] %}
    select
        record_id,
        source,
        first_name,
        last_name,
        email,
        phone,
        address,
        zip5,
        first_seen_date
    from {{ ref('stg_' ~ source ~ '__donors') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

-- Both ids under which NGP may name a gift, each a row of its own: a join on one of two would compare every pair.
gifts as (
    select
        record_id,
        upper(lineitem_id) as gift_id
    from {{ ref('stg_actblue__line_items') }}
    union all
    select
        record_id,
        upper(receipt_id) as gift_id
    from {{ ref('stg_actblue__line_items') }}
),

-- NGP repeats gifts of ActBlue under their ids: whoever gave the one gave the other.
repeated as (
    select
        ngp.record_id,
        min(gifts.record_id) as actblue_record_id
    from {{ ref('stg_ngp__contributions') }} as ngp
    inner join gifts on ngp.actblue_id = gifts.gift_id
    group by ngp.record_id
),

named as (
    select
        records.record_id,
        records.source,
        records.email,
        records.phone,
        records.zip5,
        {{ name_normal('records.address') }} as address,
        {{ name_normal('records.last_name') }} as last_name,
        {{ name_normal('records.first_name') }} as first_name,
        coalesce(repeated.actblue_record_id, records.record_id) as gift_key,
        coalesce({{ as_text('records.first_seen_date') }}, '9999-12-31') || '|' || records.record_id as oldest
    from records
    left join repeated on records.record_id = repeated.record_id
),

-- A key alone is not enough: couples share e-mails and telephones. What is missing stands for itself.
keyed as (
    select
        record_id,
        source,
        oldest,
        gift_key,
        coalesce(email || '|' || last_name || '|' || substr(first_name, 1, 1), record_id) as email_key,
        coalesce(phone || '|' || last_name || '|' || substr(first_name, 1, 1), record_id) as phone_key,
        coalesce(address || '|' || zip5 || '|' || last_name || '|' || first_name, record_id) as home_key
    from named
),

round_0 as (
    select
        record_id,
        source,
        gift_key,
        email_key,
        phone_key,
        home_key,
        oldest
    from keyed
),
{% for number in range(rounds) %}
-- Everybody takes the oldest label among those with a key in common; chains of keys close step by step.
round_{{ number + 1 }} as (
    select
        record_id,
        source,
        gift_key,
        email_key,
        phone_key,
        home_key,
        least(
            min(oldest) over (partition by gift_key),
            min(oldest) over (partition by email_key),
            min(oldest) over (partition by phone_key),
            min(oldest) over (partition by home_key)
        ) as oldest
    from round_{{ number }}
){% if not loop.last %},{% endif %}

{%- endfor %}

select
    linked.record_id as record_id,
    linked.source as source,
    'D-' || {{ keyed_hash("'donor:' || substr(linked.oldest, 12)") }} as person_id,
    linked.gift_key as gift_key,
    linked.email_key as email_key,
    linked.phone_key as phone_key,
    linked.home_key as home_key
from round_{{ rounds }} as linked
