-- One row per gift to the campaign, whichever platform told it, with what was paid back of it. A row of NGP that
-- carries an id of ActBlue is ActBlue's gift and is not taken again.
with

-- Both ids under which NGP may name a gift, each a row of its own: a join on one of two would compare every pair.
actblue_ids as (
    select upper(lineitem_id) as gift_id
    from {{ ref('stg_actblue__line_items') }}
    union distinct
    select upper(receipt_id) as gift_id
    from {{ ref('stg_actblue__line_items') }}
),

repeated as (
    select distinct ngp.contribution_id
    from {{ ref('stg_ngp__contributions') }} as ngp
    inner join actblue_ids on ngp.actblue_id = actblue_ids.gift_id
),

-- Platforms that tell a refund as a row of its own.
told as (
    select
        'winred:' || transaction_id as gift_id,
        'winred' as source,
        record_id,
        kind,
        committee_id,
        committee_name,
        gift_date,
        amount_usd,
        election_code,
        is_recurring,
        has_employer,
        has_occupation,
        has_address
    from {{ ref('stg_winred__transactions') }}
    union all
    select
        'ngp:' || ngp.contribution_id as gift_id,
        'ngp' as source,
        ngp.record_id,
        ngp.kind,
        ngp.committee_id,
        ngp.committee_name,
        ngp.gift_date,
        ngp.amount_usd,
        ngp.election_code,
        false as is_recurring,
        ngp.has_employer,
        ngp.has_occupation,
        ngp.has_address
    from {{ ref('stg_ngp__contributions') }} as ngp
    left join repeated on ngp.contribution_id = repeated.contribution_id
    where repeated.contribution_id is null
),

-- Such a refund belongs to the newest gift of that amount by the same record to the same committee before it, and a
-- gift is paid back once.
refunds as (
    select
        gift_id as refund_id,
        source,
        record_id,
        committee_id,
        gift_date as refunded_date,
        -amount_usd as refunded_usd
    from told
    where kind = 'refund'
),

candidates as (
    select
        refunds.refund_id,
        refunds.refunded_date,
        gifts.gift_id,
        row_number() over (
            partition by refunds.refund_id order by gifts.gift_date desc, gifts.gift_id desc
        ) as place
    from refunds
    inner join told as gifts
        on
            refunds.source = gifts.source
            and refunds.record_id = gifts.record_id
            and refunds.committee_id = gifts.committee_id
            and refunds.refunded_usd = gifts.amount_usd
            and refunds.refunded_date >= gifts.gift_date
    where gifts.kind = 'gift'
),

paired as (
    select
        refund_id,
        refunded_date,
        gift_id,
        row_number() over (partition by gift_id order by refunded_date, refund_id) as turn
    from candidates
    where place = 1
),

gifts as (
    select
        'actblue:' || lineitem_id as gift_id,
        'actblue' as source,
        record_id,
        committee_id,
        committee_name,
        gift_date,
        gift_usd,
        refunded_usd,
        refunded_date,
        election_code,
        is_recurring,
        has_employer,
        has_occupation,
        has_address,
        false as is_refund_alone
    from {{ ref('stg_actblue__line_items') }}
    where gift_usd > 0
    union all
    select
        told.gift_id,
        told.source,
        told.record_id,
        told.committee_id,
        told.committee_name,
        told.gift_date,
        told.amount_usd as gift_usd,
        case when paired.refund_id is null then cast(0 as decimal(14, 2)) else told.amount_usd end as refunded_usd,
        paired.refunded_date,
        told.election_code,
        told.is_recurring,
        told.has_employer,
        told.has_occupation,
        told.has_address,
        false as is_refund_alone
    from told
    left join paired on told.gift_id = paired.gift_id and paired.turn = 1
    where told.kind = 'gift' and told.amount_usd > 0
    union all
    -- A refund without its gift takes money away, but gives nobody room to give again.
    select
        told.gift_id,
        told.source,
        told.record_id,
        told.committee_id,
        told.committee_name,
        told.gift_date,
        cast(0 as decimal(14, 2)) as gift_usd,
        -told.amount_usd as refunded_usd,
        told.gift_date as refunded_date,
        told.election_code,
        false as is_recurring,
        told.has_employer,
        told.has_occupation,
        told.has_address,
        true as is_refund_alone
    from told
    left join paired on told.gift_id = paired.refund_id and paired.turn = 1
    where told.kind = 'refund' and paired.refund_id is null
)

select
    gifts.gift_id as gift_id,
    gifts.source as source,
    gifts.record_id as record_id,
    -- A record that nobody has looked at yet is a person of its own.
    coalesce(links.person_id, 'D-' || {{ keyed_hash("'donor:' || gifts.record_id") }}) as person_id,
    gifts.committee_id as committee_id,
    coalesce(own.committee_name, gifts.committee_name) as committee_name,
    own.committee_id is not null as is_own,
    gifts.gift_date as gift_date,
    cast(gifts.gift_usd as decimal(14, 2)) as gift_usd,
    cast(gifts.refunded_usd as decimal(14, 2)) as refunded_usd,
    cast(gifts.gift_usd - gifts.refunded_usd as decimal(14, 2)) as net_usd,
    gifts.refunded_date as refunded_date,
    gifts.election_code as election_code,
    gifts.is_recurring as is_recurring,
    gifts.has_employer as has_employer,
    gifts.has_occupation as has_occupation,
    gifts.has_address as has_address,
    gifts.is_refund_alone as is_refund_alone
from gifts
left join {{ ref('int_donors__links') }} as links on gifts.record_id = links.record_id
left join {{ source('config', 'committees') }} as own on gifts.committee_id = own.committee_id
