-- One row per line item of the own account: the newest export of it counts, a refund annuls it.
with

paid as (
    select
        lineitem_id,
        receipt_id,
        donor_id,
        donor_email,
        donor_first_name,
        donor_last_name,
        donor_addr1,
        donor_employer,
        donor_occupation,
        contributed_at,
        amount,
        recurring_total_months,
        recurrence_number,
        recur_weekly,
        recipient_gov_id,
        recipient_committee,
        recipient_election
    from {{ newest_by_key(source('accepted', 'actblue_contributions'), ['lineitem_id']) }}
),

refunded as (
    select
        lineitem_id,
        receipt_id,
        donor_id,
        donor_email,
        donor_first_name,
        donor_last_name,
        donor_addr1,
        donor_employer,
        donor_occupation,
        contributed_at,
        amount,
        recurring_total_months,
        recurrence_number,
        recur_weekly,
        recipient_gov_id,
        recipient_committee,
        recipient_election,
        refund_date
    from {{ newest_by_key(source('accepted', 'actblue_refunds'), ['lineitem_id']) }}
),

-- A line item may stand in the refunds report alone, when it was paid before the oldest export at hand.
told as (
    select
        paid.*,
        refunded.amount as refunded_amount,
        refunded.refund_date
    from paid
    left join refunded on paid.lineitem_id = refunded.lineitem_id
    union all
    select
        refunded.lineitem_id,
        refunded.receipt_id,
        refunded.donor_id,
        refunded.donor_email,
        refunded.donor_first_name,
        refunded.donor_last_name,
        refunded.donor_addr1,
        refunded.donor_employer,
        refunded.donor_occupation,
        refunded.contributed_at,
        refunded.amount,
        refunded.recurring_total_months,
        refunded.recurrence_number,
        refunded.recur_weekly,
        refunded.recipient_gov_id,
        refunded.recipient_committee,
        refunded.recipient_election,
        refunded.amount as refunded_amount,
        refunded.refund_date
    from refunded
    left join paid on refunded.lineitem_id = paid.lineitem_id
    where paid.lineitem_id is null
)

select
    told.lineitem_id as lineitem_id,
    told.receipt_id as receipt_id,
    'actblue:' || {{ donor_key('told.donor_id', 'told.donor_email', 'told.donor_first_name', 'told.donor_last_name',
        'told.receipt_id') }} as record_id,
    {{ parse_date('substr(told.contributed_at, 1, 10)', 'ymd') }} as gift_date,
    {{ usd('told.amount') }} as gift_usd,
    least(coalesce({{ usd('told.refunded_amount') }}, 0), {{ usd('told.amount') }}) as refunded_usd,
    {{ parse_date('substr(told.refund_date, 1, 10)', 'ymd') }} as refunded_date,
    upper(trim(told.recipient_gov_id)) as committee_id,
    told.recipient_committee as committee_name,
    {{ election_code('told.recipient_election') }} as election_code,
    {{ to_integer('told.recurrence_number') }} as recurrence_number,
    {{ to_integer('told.recurring_total_months') }} as recurring_total,
    -- A single gift has neither a length nor is it weekly; its recurrence number is 1 or blank.
    coalesce(told.recurring_total_months, '') <> '' as is_recurring,
    coalesce(lower(told.recur_weekly), '') in ('t', 'true', 'yes', '1') as is_weekly,
    {{ is_said('told.donor_employer') }} as has_employer,
    {{ is_said('told.donor_occupation') }} as has_occupation,
    {{ is_said('told.donor_addr1') }} as has_address
from told
