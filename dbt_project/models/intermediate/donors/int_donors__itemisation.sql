-- One row per donor and own committee: what counts towards itemising, and whether the threshold is passed.
with

campaign as (
    select
        data_as_of,
        cast(extract(year from election_date) as integer) as election_year,
        cast(extract(year from data_as_of) as integer) as current_year
    from {{ source('config', 'campaign') }}
),

-- A candidate's cycle begins the day after the general election that filled the seat before: two, four or six years
-- earlier. Everybody else counts by calendar year.
committees as (
    select
        committees.committee_id,
        thresholds.itemise_above_usd,
        thresholds.threshold_basis,
        case
            when thresholds.threshold_basis = 'calendar_year'
                then {{ parse_date(as_text('campaign.current_year') ~ " || '-01-01'", 'ymd') }}
            else elections.election_date + 1
        end as counted_from
    from {{ source('config', 'committees') }} as committees
    cross join campaign
    inner join {{ ref('itemisation_thresholds') }} as thresholds
        on
            committees.is_federal
            and committees.committee_kind = thresholds.recipient_kind
            and campaign.data_as_of between thresholds.valid_from and thresholds.valid_to
    left join {{ ref('federal_general_elections') }} as elections
        on
            extract(year from elections.election_date) = campaign.election_year
            - case committees.office_code when 'us_senate' then 6 when 'us_president' then 4 else 2 end
)

select
    gifts.person_id as person_id,
    gifts.committee_id as committee_id,
    committees.threshold_basis as threshold_basis,
    committees.counted_from as counted_from,
    cast(sum(gifts.net_usd) as decimal(14, 2)) as counted_usd,
    sum(gifts.net_usd) > max(committees.itemise_above_usd) as is_itemised
from {{ ref('int_donors__gifts') }} as gifts
inner join committees on gifts.committee_id = committees.committee_id
where gifts.is_own and gifts.gift_date >= committees.counted_from
group by gifts.person_id, gifts.committee_id, committees.threshold_basis, committees.counted_from
