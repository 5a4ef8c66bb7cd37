-- One row per donor to an own committee: recency, frequency, amount and stage of life as a donor. The years are the
-- twelve months up to the day of the data, the twelve before, and so on.
with

gifts as (
    select
        gifts.person_id,
        gifts.gift_id,
        gifts.gift_date,
        gifts.net_usd,
        gifts.is_refund_alone,
        gifts.has_employer,
        gifts.has_occupation,
        gifts.has_address,
        campaign.data_as_of,
        case
            when gifts.gift_date > {{ months_before('campaign.data_as_of', 12) }} then 0
            when gifts.gift_date > {{ months_before('campaign.data_as_of', 24) }} then 1
            when gifts.gift_date > {{ months_before('campaign.data_as_of', 36) }} then 2
            else 3
        end as years_back
    from {{ ref('int_donors__gifts') }} as gifts
    cross join {{ source('config', 'campaign') }} as campaign
    where gifts.is_own
),

-- A gift that was paid back whole makes nobody a donor, but the row stays in the sums.
counted as (
    select
        person_id,
        max(data_as_of) as data_as_of,
        min(gift_date) as first_gift_date,
        max(gift_date) as last_gift_date,
        cast(count(*) as integer) as gift_count,
        max(net_usd) as largest_gift_usd,
        max(case when years_back = 0 then 1 else 0 end) as gave_this_year,
        max(case when years_back = 1 then 1 else 0 end) as gave_last_year,
        max(case when years_back = 2 then 1 else 0 end) as gave_year_before,
        max(case when years_back >= 1 then 1 else 0 end) as gave_earlier
    from gifts
    where net_usd > 0
    group by person_id
),

summed as (
    select
        person_id,
        sum(net_usd) as total_usd,
        sum(case when years_back = 0 then net_usd else 0 end) as total_this_year_usd
    from gifts
    group by person_id
),

-- What the newest gift that says it says.
said as (
    select
        person_id,
        max(case when has_employer then 1 else 0 end) = 1 as has_employer,
        max(case when has_occupation then 1 else 0 end) = 1 as has_occupation,
        max(case when has_address then 1 else 0 end) = 1 as has_address
    from gifts
    group by person_id
),

itemised as (
    select
        person_id,
        max(case when is_itemised then 1 else 0 end) = 1 as is_itemised
    from {{ ref('int_donors__itemisation') }}
    group by person_id
),

-- Of several recurring gifts the liveliest.
recurring as (
    select
        person_id,
        min(case recurring_status
            when 'active' then 1 when 'stopped' then 2 when 'completed' then 3 else 4
        end) as liveliest,
        sum(case when recurring_status = 'active' then payment_usd else 0 end) as active_payments_usd
    from {{ ref('int_donors__recurring') }}
    group by person_id
),

aged as (
    select
        counted.*,
        summed.total_usd,
        summed.total_this_year_usd,
        greatest(
            (extract(year from counted.data_as_of) - extract(year from counted.last_gift_date)) * 12
            + extract(month from counted.data_as_of) - extract(month from counted.last_gift_date)
            - case
                when extract(day from counted.data_as_of) < extract(day from counted.last_gift_date) then 1 else 0
            end, 0
        ) as months_since_last_gift
    from counted
    inner join summed on counted.person_id = summed.person_id
)

select
    aged.person_id as person_id,
    aged.first_gift_date as first_gift_date,
    aged.last_gift_date as last_gift_date,
    cast(aged.months_since_last_gift as integer) as months_since_last_gift,
    aged.gift_count as gift_count,
    cast(aged.total_usd as decimal(14, 2)) as total_usd,
    cast(aged.total_this_year_usd as decimal(14, 2)) as total_this_year_usd,
    cast(aged.largest_gift_usd as decimal(14, 2)) as largest_gift_usd,
    {{ fifth('aged.last_gift_date') }} as recency_score,
    {{ fifth('aged.gift_count') }} as frequency_score,
    {{ fifth('aged.total_usd') }} as amount_score,
    -- Bauer's rule of thumb: gifts over months since the last, times the root of the total.
    cast(
        aged.gift_count * sqrt(greatest(aged.total_usd, 0)) / greatest(aged.months_since_last_gift, 1)
        as decimal(14, 4)
    ) as momentum,
    case
        when aged.gave_this_year = 0 and aged.gave_last_year = 1 then 'lapsed'
        when aged.gave_this_year = 0 then 'deep_lapsed'
        when aged.gave_last_year = 1 and aged.gave_year_before = 1 then 'core'
        when aged.gave_last_year = 1 then 'second_year'
        when aged.gave_earlier = 1 then 'reactivated'
        when aged.gift_count > 1 then 'first_year'
        else 'new'
    end as lifecycle,
    case recurring.liveliest
        when 1 then 'active' when 2 then 'stopped' when 3 then 'completed' when 4 then 'cancelled' else 'none'
    end as recurring_status,
    cast(coalesce(recurring.active_payments_usd, 0) as decimal(14, 2)) as recurring_payment_usd,
    coalesce(itemised.is_itemised, false) as is_itemised,
    said.has_employer as has_employer,
    said.has_occupation as has_occupation,
    said.has_address as has_address
from aged
inner join said on aged.person_id = said.person_id
left join itemised on aged.person_id = itemised.person_id
left join recurring on aged.person_id = recurring.person_id
