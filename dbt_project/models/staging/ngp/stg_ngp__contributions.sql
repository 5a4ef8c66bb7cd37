-- One row per contribution of the compliance database: the newest export of it counts.
with

newest as (
    select
        *,
        {{ usd('amount') }} as amount_usd
    from {{ newest_by_key(source('accepted', 'ngp_contributions'), ['contribution_id']) }}
)

select
    newest.contribution_id as contribution_id,
    'ngp:' || trim(newest.van_id) as record_id,
    nullif(upper(trim(newest.actblue_id)), '') as actblue_id,
    {{ parse_date('newest.received_on', 'mdy') }} as gift_date,
    newest.amount_usd as amount_usd,
    case when newest.amount_usd < 0 then 'refund' else 'gift' end as kind,
    newest.committee_id as committee_id,
    newest.designation as committee_name,
    {{ election_code('newest.designation') }} as election_code,
    {{ is_said('newest.employer') }} as has_employer,
    {{ is_said('newest.occupation') }} as has_occupation,
    {{ is_said('newest.address') }} as has_address
from newest
