-- Whoever gave a candidate more for one election than the law allows stands in the asks as a refund that is due.
with given as (
    select
        gifts.person_id,
        gifts.committee_id,
        gifts.election_code,
        sum(gifts.gift_usd - gifts.refunded_usd) as given_usd
    from {{ ref('int_donors__gifts') }} as gifts
    cross join {{ source('config', 'campaign') }} as campaign
    where
        not gifts.is_refund_alone
        and substr(gifts.election_code, 2, 4) = {{ as_text('extract(year from campaign.election_date)') }}
    group by gifts.person_id, gifts.committee_id, gifts.election_code
)

select
    given.person_id,
    given.committee_id,
    given.election_code
from given
inner join {{ source('config', 'committees') }} as committees on given.committee_id = committees.committee_id
cross join {{ source('config', 'campaign') }} as campaign
inner join {{ ref('contribution_limits') }} as limits
    on
        committees.committee_kind = limits.recipient_kind
        and limits.contributor_kind = 'individual'
        and limits.limit_basis = 'per_election'
        and campaign.data_as_of between limits.valid_from and limits.valid_to
left join {{ ref('donor_asks') }} as asks
    on
        given.person_id = asks.person_id
        and given.committee_id = asks.committee_id
        and given.election_code = asks.election_code
        and asks.reason = 'refund_due'
        and given.given_usd - limits.limit_usd = asks.over_limit_usd
where
    committees.is_federal
    and given.given_usd > limits.limit_usd
    and asks.person_id is null
