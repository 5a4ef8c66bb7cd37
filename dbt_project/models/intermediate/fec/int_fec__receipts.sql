-- One row per transaction that counts, whichever file told it, credited to the committee it is for (spending by
-- others: to the principal committee of the candidate it is for or against).
with

-- A candidate's principal committee; where the lists name several, the first by id.
principals as (
    select
        candidate_id,
        min(committee_id) as committee_id
    from {{ ref('stg_fec__committees') }}
    where designation = 'P' and candidate_id is not null
    group by candidate_id
)

select
    'individuals:' || gifts.sub_id as receipt_id,
    gifts.committee_id as committee_id,
    gifts.transaction_class as transaction_class,
    gifts.state as state,
    {{ month_start('gifts.transaction_date') }} as month_date,
    case when gifts.is_individual then gifts.contributor_key end as contributor_key,
    gifts.amount_usd as amount_usd,
    gifts.is_date_impossible as is_date_impossible
from {{ ref('stg_fec__individual_contributions') }} as gifts
where gifts.counting = 'counted'
union all
select
    case when moved.is_to_candidate then 'to_candidates:' else 'between_committees:' end
    || moved.sub_id as receipt_id,
    case when moved.is_to_candidate then principals.committee_id else moved.committee_id end as committee_id,
    moved.transaction_class as transaction_class,
    moved.state as state,
    {{ month_start('moved.transaction_date') }} as month_date,
    -- The few individuals of these files (lenders) are one by one, so that they are protected like all others.
    case when moved.is_individual then moved.sub_id end as contributor_key,
    moved.amount_usd as amount_usd,
    moved.is_date_impossible as is_date_impossible
from {{ ref('stg_fec__committee_transactions') }} as moved
left join principals on moved.candidate_id = principals.candidate_id
where
    moved.counting = 'counted'
    and (not moved.is_to_candidate or principals.committee_id is not null)
