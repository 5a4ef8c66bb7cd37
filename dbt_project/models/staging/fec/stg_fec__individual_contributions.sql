-- One row per itemised contribution of an individual, with a verdict whether sums count it. Analysis only: nothing
-- that is used to solicit may descend from here (52 U.S.C. 30111(a)(4)).
with

typed as (
    select
        sub_id,
        committee_id,
        other_id,
        transaction_type,
        coalesce(entity_type, 'IND') as entity_type,
        {{ fec_date('transaction_date') }} as transaction_date,
        transaction_date as told_date,
        {{ fec_usd('amount', 'transaction_type') }} as amount_usd,
        coalesce(memo_code, '') = 'X' as is_memo,
        upper(trim(state)) as state,
        -- The FEC has no id of a person: name and ZIP stand for one. Neither goes further than this.
        md5(coalesce({{ name_normal('contributor_name') }}, '') || '|' || coalesce({{ zip5('zip') }}, ''))
            as contributor_key
    from {{ source('accepted', 'fec_individuals') }}
),

-- Who passes earmarked gifts on (ActBlue, WinRed) files them as 24T or 24I.
conduits as (
    select distinct committee_id
    from typed
    where transaction_type in ('24T', '24I')
),

sided as (
    select
        typed.*,
        typed.transaction_type in ('24T', '24I') as is_passed_on,
        conduits.committee_id is not null
        and typed.transaction_type not in ('24T', '24I', '22Y') as is_conduit_receipt,
        case
            when typed.transaction_type in ('24T', '24I') then typed.other_id else typed.committee_id
        end as recipient_committee_id,
        -- Of what was passed on alone, so that the join on it is one on equality.
        case when typed.transaction_type in ('24T', '24I') then typed.other_id end as passed_on_to
    from typed
    left join conduits on typed.committee_id = conduits.committee_id
),

-- A gift through a conduit stands in two filings. The recipient's 15E counts; the conduit's row counts only where
-- the recipient filed none (gifts up to $200 are itemised by the conduit alone). They are paired one to one by
-- person and amount, for the two filings may differ by days.
recipients as (
    select
        committee_id,
        contributor_key,
        amount_usd,
        count(*) as filed
    from sided
    where transaction_type = '15E' and not is_memo and not is_conduit_receipt
    group by committee_id, contributor_key, amount_usd
),

numbered as (
    select
        sided.*,
        coalesce(recipients.filed, 0) as filed_by_recipient,
        row_number() over (
            partition by
                sided.is_passed_on, sided.is_memo, sided.recipient_committee_id, sided.contributor_key,
                sided.amount_usd
            order by sided.transaction_date, sided.sub_id
        ) as place
    from sided
    left join recipients
        on
            sided.passed_on_to = recipients.committee_id
            and sided.contributor_key = recipients.contributor_key
            and sided.amount_usd = recipients.amount_usd
)

select
    numbered.sub_id as sub_id,
    numbered.committee_id as filer_committee_id,
    coalesce(numbered.recipient_committee_id, numbered.committee_id) as committee_id,
    numbered.contributor_key as contributor_key,
    numbered.entity_type in ('IND', 'CAN') as is_individual,
    numbered.state as state,
    numbered.transaction_type as transaction_type,
    case
        when numbered.transaction_type in ('20Y', '21Y', '22Y') then 'refund_to_individual'
        when numbered.is_passed_on then 'individual_small_through_conduit'
        when numbered.transaction_type = '15E' then 'individual_through_conduit'
        when numbered.transaction_type = '15C' then 'candidate_own_money'
        else 'individual_direct'
    end as transaction_class,
    numbered.transaction_date as transaction_date,
    numbered.transaction_date is null and trim(coalesce(numbered.told_date, '')) <> '' as is_date_impossible,
    numbered.amount_usd as amount_usd,
    numbered.is_memo as is_memo,
    case
        when numbered.is_memo then 'memo'
        when numbered.is_conduit_receipt then 'conduit_receipt'
        when numbered.is_passed_on and numbered.recipient_committee_id is null then 'conduit_to_unknown'
        when numbered.is_passed_on and numbered.place <= numbered.filed_by_recipient then 'filed_by_recipient'
        else 'counted'
    end as counting
from numbered
