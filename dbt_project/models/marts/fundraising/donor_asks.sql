-- Restricted. One row per donor, own committee and election: what to ask for, never more than the law leaves.
with

-- Whole dollars, so that rounding never asks for a cent too much.
laddered as (
    select
        headroom.person_id,
        headroom.committee_id,
        headroom.election_code,
        headroom.last_date,
        headroom.limit_basis,
        headroom.limit_usd,
        headroom.designated_usd,
        headroom.undesignated_usd,
        headroom.promised_usd,
        headroom.headroom_usd,
        headroom.over_limit_usd,
        people.lifecycle,
        people.largest_gift_usd,
        campaign.data_as_of,
        campaign.release_id,
        cast(floor(headroom.headroom_usd) as decimal(14, 2)) as room_usd,
        {{ round_ask('people.largest_gift_usd * ladder.low_factor') }} as low_usd,
        {{ round_ask('people.largest_gift_usd * ladder.ask_factor') }} as middle_usd,
        {{ round_ask('people.largest_gift_usd * ladder.high_factor') }} as high_usd
    from {{ ref('int_donors__headroom') }} as headroom
    inner join {{ ref('int_donors__people') }} as people on headroom.person_id = people.person_id
    inner join {{ ref('ask_ladder') }} as ladder on people.lifecycle = ladder.lifecycle
    cross join {{ source('config', 'campaign') }} as campaign
),

decided as (
    select
        *,
        case
            when election_code = 'undesignated' and over_limit_usd > 0 then 'refund_due'
            when election_code = 'undesignated' then 'designation_wanted'
            when limit_usd is null then 'no_limit_on_record'
            when over_limit_usd > 0 then 'refund_due'
            when last_date is null then 'election_day_unknown'
            when last_date < data_as_of then 'election_over'
            when room_usd <= 0 then 'at_limit'
            when room_usd < high_usd then 'capped_by_limit'
            else 'ask'
        end as reason
    from laddered
)

select
    decided.person_id,
    decided.committee_id,
    committees.committee_name,
    committees.committee_kind,
    decided.election_code,
    decided.limit_basis,
    decided.limit_usd,
    decided.designated_usd,
    decided.undesignated_usd,
    decided.promised_usd,
    decided.headroom_usd,
    decided.over_limit_usd,
    decided.largest_gift_usd,
    decided.lifecycle,
    decided.reason,
    decided.reason in ('ask', 'capped_by_limit') as is_to_be_asked,
    case when decided.reason in ('ask', 'capped_by_limit') then least(decided.low_usd, decided.room_usd) end
        as ask_low_usd,
    case when decided.reason in ('ask', 'capped_by_limit') then least(decided.middle_usd, decided.room_usd) end
        as ask_usd,
    case when decided.reason in ('ask', 'capped_by_limit') then least(decided.high_usd, decided.room_usd) end
        as ask_high_usd,
    decided.data_as_of,
    decided.release_id
from decided
inner join {{ source('config', 'committees') }} as committees on decided.committee_id = committees.committee_id
