-- What is asked for, with everything the donor gave that could count, is within the legal limit; worked out from the
-- gifts and the limits again, not from the asks' own columns.
with asks as (
    select
        asks.person_id,
        asks.committee_id,
        asks.election_code,
        asks.ask_high_usd,
        committees.committee_kind,
        limits.limit_usd,
        limits.valid_from
    from {{ ref('donor_asks') }} as asks
    cross join {{ source('config', 'campaign') }} as campaign
    inner join {{ source('config', 'committees') }} as committees on asks.committee_id = committees.committee_id
    left join {{ ref('contribution_limits') }} as limits
        on
            committees.is_federal
            and limits.contributor_kind = 'individual'
            and committees.committee_kind = limits.recipient_kind
            and campaign.data_as_of between limits.valid_from and limits.valid_to
    where asks.is_to_be_asked
),

given as (
    select
        asks.person_id,
        asks.committee_id,
        asks.election_code,
        sum(gifts.gift_usd - gifts.refunded_usd) as given_usd
    from asks
    inner join {{ ref('int_donors__gifts') }} as gifts
        on asks.person_id = gifts.person_id and asks.committee_id = gifts.committee_id
    where
        not gifts.is_refund_alone
        and (
            (asks.committee_kind = 'candidate' and asks.election_code = gifts.election_code)
            or (
                asks.committee_kind = 'candidate' and gifts.election_code is null
                and gifts.gift_date >= asks.valid_from
            )
            or (
                asks.committee_kind <> 'candidate'
                and substr(asks.election_code, 2, 4) = {{ as_text('extract(year from gifts.gift_date)') }}
            )
        )
    group by asks.person_id, asks.committee_id, asks.election_code
)

select
    asks.person_id,
    asks.committee_id,
    asks.election_code
from asks
left join given
    on
        asks.person_id = given.person_id
        and asks.committee_id = given.committee_id
        and asks.election_code = given.election_code
where asks.ask_high_usd + coalesce(given.given_usd, 0) > coalesce(asks.limit_usd, 0)
