-- One row per transaction of the own account: the newest export of it counts.
with

newest as (
    select
        *,
        {{ usd('amount') }} as amount_usd
    from {{ newest_by_key(source('accepted', 'winred_contributions'), ['transaction_id']) }}
)

select
    newest.transaction_id as transaction_id,
    'winred:' || {{ donor_key('newest.donor_id', 'newest.email', 'newest.first_name', 'newest.last_name',
        'newest.transaction_id') }} as record_id,
    {{ parse_date('substr(newest.contributed_at, 1, 10)', 'ymd') }} as gift_date,
    newest.amount_usd as amount_usd,
    -- A row of nothing is the fee of a chargeback: it is no gift and takes none back.
    case
        when newest.amount_usd > 0 then 'gift'
        when newest.amount_usd < 0 then 'refund'
        else 'chargeback_fee'
    end as kind,
    newest.committee_id as committee_id,
    newest.committee_name as committee_name,
    {{ election_code('newest.election') }} as election_code,
    coalesce(lower(newest.is_recurring), '') in ('t', 'true', 'yes', '1') as is_recurring,
    {{ is_said('newest.employer') }} as has_employer,
    {{ is_said('newest.occupation') }} as has_occupation,
    {{ is_said('newest.address') }} as has_address
from newest
