{{ config(materialized='view') }}
-- Restricted: the only table that holds names and contact data. It lists the people who are in
-- int_voters__current, and a protected person never gets a way of contact.
with

delivered as (
    select
        voter_id,
        state,
        county_fips,
        last_name,
        first_name,
        middle_name,
        name_suffix,
        birth_date,
        birth_year,
        residence_address,
        residence_city,
        residence_zip,
        mailing_address,
        mailing_city,
        mailing_state,
        mailing_zip,
        phone,
        email,
        is_protected,
        status,
        registration_date,
        valid_to
    from {{ ref('stg_nc__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        last_name,
        first_name,
        middle_name,
        name_suffix,
        birth_date,
        birth_year,
        residence_address,
        residence_city,
        residence_zip,
        mailing_address,
        mailing_city,
        mailing_state,
        mailing_zip,
        phone,
        email,
        is_protected,
        status,
        registration_date,
        valid_to
    from {{ ref('stg_oh__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        last_name,
        first_name,
        middle_name,
        name_suffix,
        birth_date,
        birth_year,
        residence_address,
        residence_city,
        residence_zip,
        mailing_address,
        mailing_city,
        mailing_state,
        mailing_zip,
        phone,
        email,
        is_protected,
        status,
        registration_date,
        valid_to
    from {{ ref('stg_fl__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        last_name,
        first_name,
        middle_name,
        name_suffix,
        birth_date,
        birth_year,
        residence_address,
        residence_city,
        residence_zip,
        mailing_address,
        mailing_city,
        mailing_state,
        mailing_zip,
        phone,
        email,
        is_protected,
        status,
        registration_date,
        valid_to
    from {{ ref('stg_va__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        last_name,
        first_name,
        middle_name,
        name_suffix,
        birth_date,
        birth_year,
        residence_address,
        residence_city,
        residence_zip,
        mailing_address,
        mailing_city,
        mailing_state,
        mailing_zip,
        phone,
        email,
        is_protected,
        status,
        registration_date,
        valid_to
    from {{ ref('stg_pa__voters') }}
),

current_people as (
    select *
    from delivered
    where valid_to is null and status in ('active', 'inactive')
),

-- The same choice among repeated ids as in int_voters__current.
repeated as (
    select voter_id
    from current_people
    group by voter_id
    having count(*) > 1
),

ranked as (
    select
        current_people.*,
        row_number() over (
            partition by current_people.voter_id
            order by
                case current_people.status when 'active' then 0 else 1 end asc,
                current_people.registration_date desc nulls last,
                current_people.county_fips asc nulls last,
                coalesce(current_people.residence_address, '') asc
        ) as choice
    from current_people
    inner join repeated on current_people.voter_id = repeated.voter_id
),

people as (
    select
        current_people.*,
        1 as choice
    from current_people
    left join repeated on current_people.voter_id = repeated.voter_id
    where repeated.voter_id is null
    union all
    select * from ranked
    where choice = 1
)

select
    voter_id,
    state,
    last_name,
    first_name,
    middle_name,
    name_suffix,
    birth_date,
    birth_year,
    case when not is_protected then residence_address end as residence_address,
    case when not is_protected then residence_city end as residence_city,
    case when not is_protected then residence_zip end as residence_zip,
    case when not is_protected then mailing_address end as mailing_address,
    case when not is_protected then mailing_city end as mailing_city,
    case when not is_protected then mailing_state end as mailing_state,
    case when not is_protected then mailing_zip end as mailing_zip,
    case when not is_protected then phone end as phone,
    case when not is_protected then email end as email,
    is_protected
from people
