-- Restricted. One row per donor to an own committee. From the campaign's own platforms only.
select
    people.person_id,
    people.first_gift_date,
    people.last_gift_date,
    people.months_since_last_gift,
    people.gift_count,
    people.total_usd,
    people.total_this_year_usd,
    people.largest_gift_usd,
    people.recency_score,
    people.frequency_score,
    people.amount_score,
    people.recency_score * 100 + people.frequency_score * 10 + people.amount_score as rfm_score,
    people.momentum,
    people.lifecycle,
    people.recurring_status,
    people.recurring_payment_usd,
    people.is_itemised,
    people.has_employer,
    people.has_occupation,
    people.has_address,
    people.is_itemised
    and not (people.has_employer and people.has_occupation and people.has_address) as needs_best_efforts,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_donors__people') }} as people
cross join {{ source('config', 'campaign') }} as campaign
