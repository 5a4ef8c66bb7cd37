-- One row per recurring gift that was ended, and committee: the newest export of it counts.
select
    newest.receipt_id as receipt_id,
    newest.committee_name as committee_name,
    upper(trim(newest.fec_id)) as committee_id,
    {{ parse_date('substr(newest.cancelled_on, 1, 10)', 'ymd') }} as cancelled_date,
    {{ usd('coalesce(newest.recurring_amount, newest.recurrence_amount)') }} as recurring_usd
from {{ newest_by_key(source('accepted', 'actblue_cancellations'), ['receipt_id', 'committee_name']) }} as newest
