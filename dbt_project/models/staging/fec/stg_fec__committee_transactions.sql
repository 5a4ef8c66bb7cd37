-- One row per transaction between committees, with a verdict whether sums of receipts count it.
with

told as (
    select
        sub_id,
        committee_id,
        other_id,
        cast(null as varchar) as candidate_id,
        transaction_type,
        entity_type,
        state,
        transaction_date,
        amount,
        memo_code,
        false as is_to_candidate
    from {{ source('accepted', 'fec_between_committees') }}
    union all
    select
        sub_id,
        committee_id,
        other_id,
        candidate_id,
        transaction_type,
        entity_type,
        state,
        transaction_date,
        amount,
        memo_code,
        true as is_to_candidate
    from {{ source('accepted', 'fec_to_candidates') }}
),

typed as (
    select
        sub_id,
        committee_id,
        other_id,
        candidate_id,
        transaction_type,
        coalesce(entity_type, '') = 'IND' as is_individual,
        upper(trim(state)) as state,
        transaction_date as told_date,
        {{ fec_date('transaction_date') }} as transaction_date,
        {{ fec_usd('amount', 'transaction_type') }} as amount_usd,
        coalesce(memo_code, '') = 'X' as is_memo,
        is_to_candidate,
        case
            when is_to_candidate and transaction_type in ('24E', '24F') then 'independent_spending_for'
            when is_to_candidate and transaction_type in ('24A', '24N') then 'independent_spending_against'
            -- Each side of a transfer files it, and itpas2 repeats rows of itoth: the receiving side's row of itoth
            -- counts, the others are the same money.
            when is_to_candidate then 'same_money_elsewhere'
            when transaction_type = '22Z' then 'refund_to_committee'
            when transaction_type like '16%' then 'loan'
            when transaction_type like '2%' then 'same_money_elsewhere'
            when transaction_type in ('18G', '18H') then 'transfer_from_affiliated'
            when transaction_type in ('15Z', '18K', '18U') then 'contribution_from_committee'
            else 'other_receipt'
        end as transaction_class
    from told
)

select
    typed.sub_id as sub_id,
    typed.is_to_candidate as is_to_candidate,
    typed.committee_id as committee_id,
    typed.other_id as other_committee_id,
    typed.candidate_id as candidate_id,
    typed.is_individual as is_individual,
    typed.state as state,
    typed.transaction_type as transaction_type,
    typed.transaction_class as transaction_class,
    typed.transaction_date as transaction_date,
    typed.transaction_date is null and trim(coalesce(typed.told_date, '')) <> '' as is_date_impossible,
    typed.amount_usd as amount_usd,
    typed.is_memo as is_memo,
    case
        when typed.is_memo then 'memo'
        when typed.transaction_class = 'same_money_elsewhere' then 'same_money_elsewhere'
        else 'counted'
    end as counting
from typed
