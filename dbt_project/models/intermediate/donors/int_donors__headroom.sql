-- One row per donor, own committee and election (for a party or PAC: calendar year): what was given, what the law
-- still allows, and what is over. Money that nobody designated counts against every election of the committee.
with

campaign as (
    select
        data_as_of,
        election_date,
        cast(extract(year from election_date) as integer) as election_year,
        cast(extract(year from data_as_of) as integer) as current_year
    from {{ source('config', 'campaign') }}
),

committees as (
    select
        committees.committee_id,
        committees.committee_kind,
        committees.primary_date,
        limits.limit_basis,
        limits.limit_usd,
        limits.valid_from as limit_from
    from {{ source('config', 'committees') }} as committees
    cross join campaign
    left join {{ ref('contribution_limits') }} as limits
        on
            committees.is_federal
            and limits.contributor_kind = 'individual'
            and committees.committee_kind = limits.recipient_kind
            and campaign.data_as_of between limits.valid_from and limits.valid_to
),

gifts as (
    select
        gifts.person_id,
        gifts.committee_id,
        gifts.election_code,
        gifts.gift_date,
        -- A refund whose gift is unknown opens no room.
        case when gifts.is_refund_alone then cast(0 as decimal(14, 2)) else gifts.net_usd end as counted_usd
    from {{ ref('int_donors__gifts') }} as gifts
    where gifts.is_own
),

people as (
    select distinct person_id
    from gifts
),

-- The elections of this cycle: primary and general always, others where somebody gave for them.
elections as (
    select
        committees.committee_id,
        'P' || {{ as_text('campaign.election_year') }} as election_code,
        committees.primary_date as last_date
    from committees
    cross join campaign
    where committees.committee_kind = 'candidate'
    union
    select
        committees.committee_id,
        'G' || {{ as_text('campaign.election_year') }} as election_code,
        campaign.election_date as last_date
    from committees
    cross join campaign
    where committees.committee_kind = 'candidate'
    union
    select
        committees.committee_id,
        gifts.election_code,
        cast(null as date) as last_date
    from gifts
    inner join committees on gifts.committee_id = committees.committee_id
    cross join campaign
    where
        committees.committee_kind = 'candidate'
        and substr(gifts.election_code, 2, 4) = {{ as_text('campaign.election_year') }}
        and substr(gifts.election_code, 1, 1) not in ('P', 'G')
    union
    select
        committees.committee_id,
        'Y' || {{ as_text('campaign.current_year') }} as election_code,
        {{ parse_date(as_text('campaign.current_year') ~ " || '-12-31'", 'ymd') }} as last_date
    from committees
    cross join campaign
    where committees.committee_kind <> 'candidate'
),

given as (
    select
        gifts.person_id,
        committees.committee_id,
        case
            when committees.committee_kind = 'candidate' then gifts.election_code
            else 'Y' || {{ as_text('extract(year from gifts.gift_date)') }}
        end as election_code,
        sum(gifts.counted_usd) as given_usd
    from gifts
    inner join committees on gifts.committee_id = committees.committee_id
    where
        gifts.election_code is not null
        or committees.committee_kind <> 'candidate'
        -- Undesignated money of an older cycle went to an election of that cycle.
        or gifts.gift_date >= coalesce(committees.limit_from, gifts.gift_date)
    group by 1, 2, 3
),

-- What running gifts will still bring until the election: it uses up room before anybody is asked.
running as (
    select
        recurring.person_id,
        recurring.committee_id,
        elections.election_code,
        recurring.payment_usd,
        recurring.payments_promised,
        cast(floor(
            {{ days_between('recurring.last_payment_date', 'elections.last_date') }} * 1.0
            / recurring.days_between_payments
        ) as integer) as payments_until
    from {{ ref('int_donors__recurring') }} as recurring
    inner join elections
        on
            recurring.committee_id = elections.committee_id
            and elections.last_date is not null
            and (
                recurring.election_code is null
                or recurring.election_code = elections.election_code
                or elections.election_code like 'Y%'
            )
    where recurring.recurring_status = 'active'
),

promised as (
    select
        person_id,
        committee_id,
        election_code,
        sum(payment_usd * greatest(least(payments_until, coalesce(payments_promised, payments_until)), 0))
            as promised_usd
    from running
    group by person_id, committee_id, election_code
),

counted as (
    select
        people.person_id,
        elections.committee_id,
        elections.election_code,
        elections.last_date,
        cast(coalesce(designated.given_usd, 0) as decimal(14, 2)) as designated_usd,
        cast(case
            when elections.election_code like 'Y%' then 0 else coalesce(undesignated.given_usd, 0)
        end as decimal(14, 2)) as undesignated_usd,
        cast(coalesce(promised.promised_usd, 0) as decimal(14, 2)) as promised_usd
    from people
    cross join elections
    left join given as designated
        on
            people.person_id = designated.person_id
            and elections.committee_id = designated.committee_id
            and elections.election_code = designated.election_code
    left join given as undesignated
        on
            people.person_id = undesignated.person_id
            and elections.committee_id = undesignated.committee_id
            and undesignated.election_code is null
    left join promised
        on
            people.person_id = promised.person_id
            and elections.committee_id = promised.committee_id
            and elections.election_code = promised.election_code
),

-- Undesignated money shown by itself: whatever no election of the committee has room for is over.
roomless as (
    select
        counted.person_id,
        counted.committee_id,
        max(counted.undesignated_usd) as undesignated_usd,
        sum(greatest(committees.limit_usd - counted.designated_usd, 0)) as room_usd
    from counted
    inner join committees on counted.committee_id = committees.committee_id
    where counted.undesignated_usd > 0
    group by counted.person_id, counted.committee_id
)

select
    counted.person_id as person_id,
    counted.committee_id as committee_id,
    counted.election_code as election_code,
    counted.last_date as last_date,
    committees.limit_basis as limit_basis,
    committees.limit_usd as limit_usd,
    counted.designated_usd as designated_usd,
    counted.undesignated_usd as undesignated_usd,
    counted.promised_usd as promised_usd,
    -- Without a limit on record the room is unknown, which is not the same as none.
    case when committees.limit_usd is not null then cast(greatest(
        committees.limit_usd - counted.designated_usd - counted.undesignated_usd - counted.promised_usd, 0
    ) as decimal(14, 2)) end as headroom_usd,
    cast(greatest(
        counted.designated_usd - coalesce(committees.limit_usd, counted.designated_usd), 0
    ) as decimal(14, 2)) as over_limit_usd
from counted
inner join committees on counted.committee_id = committees.committee_id
union all
select
    roomless.person_id as person_id,
    roomless.committee_id as committee_id,
    'undesignated' as election_code,
    cast(null as date) as last_date,
    committees.limit_basis as limit_basis,
    committees.limit_usd as limit_usd,
    cast(0 as decimal(14, 2)) as designated_usd,
    roomless.undesignated_usd as undesignated_usd,
    cast(0 as decimal(14, 2)) as promised_usd,
    cast(0 as decimal(14, 2)) as headroom_usd,
    case
        when committees.limit_usd is null then cast(0 as decimal(14, 2))
        else cast(greatest(roomless.undesignated_usd - roomless.room_usd, 0) as decimal(14, 2))
    end as over_limit_usd
from roomless
inner join committees on roomless.committee_id = committees.committee_id
