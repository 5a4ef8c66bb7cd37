-- One row per recurring gift: is it still being paid, and how many payments are to come until a day.
with

-- ActBlue keeps one receipt over all payments of a recurring gift.
payments as (
    select
        line_items.receipt_id,
        line_items.lineitem_id,
        line_items.committee_id,
        line_items.election_code,
        line_items.gift_date,
        line_items.gift_usd,
        line_items.recurrence_number,
        line_items.recurring_total,
        line_items.is_weekly,
        row_number() over (
            partition by line_items.receipt_id, line_items.committee_id
            order by line_items.gift_date desc, line_items.lineitem_id desc
        ) as newness
    from {{ ref('stg_actblue__line_items') }} as line_items
    where line_items.is_recurring
),

cancelled as (
    select
        receipt_id,
        max(cancelled_date) as cancelled_date
    from {{ ref('stg_actblue__cancellations') }}
    group by receipt_id
),

newest as (
    select
        payments.receipt_id,
        payments.committee_id,
        payments.election_code,
        payments.gift_date,
        payments.gift_usd,
        payments.is_weekly,
        payments.recurring_total - payments.recurrence_number as payments_promised,
        cancelled.cancelled_date,
        gifts.person_id,
        campaign.data_as_of,
        {{ days_between('payments.gift_date', 'campaign.data_as_of') }} as days_since_payment
    from payments
    inner join {{ ref('int_donors__gifts') }} as gifts on 'actblue:' || payments.lineitem_id = gifts.gift_id
    left join cancelled on payments.receipt_id = cancelled.receipt_id
    cross join {{ source('config', 'campaign') }} as campaign
    where payments.newness = 1
)

select
    newest.receipt_id as receipt_id,
    newest.committee_id as committee_id,
    newest.person_id as person_id,
    newest.election_code as election_code,
    newest.gift_usd as payment_usd,
    newest.gift_date as last_payment_date,
    case when newest.is_weekly then 7 else 30 end as days_between_payments,
    newest.payments_promised as payments_promised,
    case
        when newest.cancelled_date is not null then 'cancelled'
        when newest.payments_promised <= 0 then 'completed'
        -- Half a period late is a card that failed, not a promise that stands.
        when newest.days_since_payment > case when newest.is_weekly then 11 else 45 end then 'stopped'
        else 'active'
    end as recurring_status
from newest
