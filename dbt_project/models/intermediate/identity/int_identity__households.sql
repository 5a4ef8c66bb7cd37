-- Who lives with whom, as far as addresses tell. A protected voter, and one without an address, stands alone.
with

placed as (
    select
        voter_id,
        state,
        case
            when not is_protected and house_number is not null and street is not null and zip5 is not null
                then state || '|' || zip5 || '|' || street || '|' || house_number || '|' || coalesce(unit, '')
            else voter_id
        end as place
    from {{ ref('int_identity__voters') }}
)

select
    voter_id,
    state,
    'H-' || {{ keyed_hash("'household:' || place") }} as household_id,
    cast(count(*) over (partition by place) as bigint) as household_size
from placed
