-- Who may not be contacted on which channel. An opt-out that a later export lacks still counts.
select
    channel,
    contact,
    min(opted_out_at) as first_opted_out_at,
    cast(count(distinct source) as integer) as source_count
from {{ source('accepted', 'opt_outs') }}
where contact is not null
group by channel, contact
