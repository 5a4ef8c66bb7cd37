-- One row per delivery the release is built on: how old it is and how much of it was usable.
with aged as (
    select
        deliveries.source,
        deliveries.state,
        deliveries.delivery_id,
        deliveries.snapshot_date,
        deliveries.lines_received,
        deliveries.rows_accepted,
        deliveries.rows_quarantined,
        deliveries.contract_version,
        deliveries.fresh_within_days,
        campaign.data_as_of,
        campaign.release_id,
        {{ days_between('deliveries.snapshot_date', 'campaign.data_as_of') }} as age_days,
        max(deliveries.snapshot_date) over (partition by deliveries.source, deliveries.state) as newest_date
    from {{ source('refresh', 'deliveries_in_use') }} as deliveries
    cross join {{ source('config', 'campaign') }} as campaign
)

select
    source,
    state,
    delivery_id,
    snapshot_date,
    lines_received,
    rows_accepted,
    rows_quarantined,
    contract_version,
    fresh_within_days,
    cast(age_days as integer) as age_days,
    -- A source without a promise of freshness (results of an election) is never stale, and neither is a delivery
    -- that a newer one of the same source adds to: what is late is the source.
    coalesce(snapshot_date = newest_date and age_days > fresh_within_days, false) as is_stale,
    data_as_of,
    release_id
from aged
