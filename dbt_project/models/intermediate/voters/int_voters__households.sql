-- Who lives at one address, for the scores only: a key without the address. Protected voters have none, and an
-- address of more than twelve voters is a building, not a household.
with

addressed as (
    select
        voter_id,
        md5(
            state || '|' || upper(residence_address) || '|' || coalesce(upper(residence_city), '')
            || '|' || coalesce(residence_zip, '')
        ) as household_id
    from {{ ref('int_voters__people') }}
    where residence_address is not null
),

sizes as (
    select
        household_id,
        cast(count(*) as integer) as household_size
    from addressed
    group by household_id
)

select
    addressed.voter_id as voter_id,
    addressed.household_id as household_id,
    sizes.household_size as household_size
from addressed
inner join sizes on addressed.household_id = sizes.household_id
where sizes.household_size between 2 and 12
