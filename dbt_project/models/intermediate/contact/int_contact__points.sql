-- Every way of reaching a person that somebody gave us, once per source that gave it. Restricted.
-- Protected people have none: whoever the state guards is left out before any source is looked at, so nothing can be
-- filled in for them from elsewhere. A record that may be one of theirs counts as theirs until somebody has looked.
{%- set channels = {
    'sms': 'phone', 'phone': 'phone', 'email': 'email',
} %}
{%- set as_written = "coalesce(first_name, '') || '|' || coalesce(last_name, '')" %}
with

campaign as (
    select data_as_of
    from {{ source('config', 'campaign') }}
),

voters as (
    select
        ids.person_id,
        people.voter_id,
        people.state,
        {{ phone_e164('people.phone') }} as phone,
        {{ email_normal('people.email') }} as email,
        people.residence_address,
        people.residence_city,
        people.residence_zip,
        people.mailing_address,
        people.mailing_city,
        people.mailing_state,
        people.mailing_zip,
        -- Where only the year is known, whoever may still be seventeen is.
        case
            when people.birth_date is not null
                then people.birth_date > {{ years_earlier('campaign.data_as_of', 18) }}
            else coalesce(people.birth_year >= extract(year from campaign.data_as_of) - 18, false)
        end as is_minor
    from {{ ref('int_voters__people') }} as people
    inner join {{ ref('int_identity__voter_ids') }} as ids on people.voter_id = ids.voter_id
    cross join campaign
    where not people.is_protected
),

voter_list as (
    {%- for channel, column in channels.items() %}
    select
        person_id,
        voter_id,
        state,
        is_minor,
        cast('{{ channel }}' as varchar) as channel,
        {{ column }} as contact,
        cast(null as varchar) as address,
        cast(null as varchar) as city,
        cast(null as varchar) as address_state,
        cast(null as varchar) as zip5
    from voters
    where {{ column }} is not null
    union all
    {%- endfor %}
    -- Nobody lives in a post office box.
    select
        person_id,
        voter_id,
        state,
        is_minor,
        cast('walk' as varchar) as channel,
        {{ address_key('residence_address', 'residence_zip') }} as contact,
        residence_address as address,
        residence_city as city,
        state as address_state,
        residence_zip as zip5
    from voters
    where residence_address is not null and not {{ matches('upper(residence_address)', '^P[. ]*O[. ]*BOX') }}
    union all
    select
        person_id,
        voter_id,
        state,
        is_minor,
        cast('mail' as varchar) as channel,
        {{ address_key('coalesce(mailing_address, residence_address)',
            'case when mailing_address is not null then mailing_zip else residence_zip end') }} as contact,
        coalesce(mailing_address, residence_address) as address,
        case when mailing_address is not null then mailing_city else residence_city end as city,
        case when mailing_address is not null then coalesce(mailing_state, state) else state end as address_state,
        case when mailing_address is not null then mailing_zip else residence_zip end as zip5
    from voters
    where coalesce(mailing_address, residence_address) is not null
),

guarded as (
    select voter_id
    from {{ ref('int_voters__current') }}
    where is_protected
),

-- What the campaign's own feeds hold: numbers and addresses that people gave themselves.
records as (
    select
        links.person_id,
        links.voter_id,
        coalesce(voters.state, records.state) as state,
        records.source as source_id,
        records.first_name,
        records.last_name,
        records.phone,
        records.email,
        case
            when records.house_number is not null and records.street is not null
                then records.house_number || ' ' || records.street || coalesce(' # ' || records.unit, '')
        end as address,
        records.city,
        records.state as address_state,
        records.zip5,
        coalesce(voters.is_minor, false) as is_minor,
        guarded.voter_id is not null as is_guarded
    from {{ ref('int_identity__records') }} as records
    inner join {{ ref('int_identity__links') }} as links on records.record_id = links.record_id
    left join guarded on coalesce(links.voter_id, links.candidate_voter_id) = guarded.voter_id
    left join voters on links.voter_id = voters.voter_id
),

-- A number that a protected person gave somewhere leads to that person, whoever else gave it.
shared as (
    select phone as contact
    from records
    where is_guarded and phone is not null
    union distinct
    select email as contact
    from records
    where is_guarded and email is not null
),

own_records as (
    {%- for channel, column in channels.items() %}
    select distinct
        person_id,
        voter_id,
        state,
        is_minor,
        cast('{{ channel }}' as varchar) as channel,
        {{ column }} as contact,
        source_id,
        first_name,
        last_name,
        cast(null as varchar) as address,
        cast(null as varchar) as city,
        cast(null as varchar) as address_state,
        cast(null as varchar) as zip5
    from records
    where {{ column }} is not null and not is_guarded
    union all
    {%- endfor %}
    -- Letters go to an address of a record only where no voter file has one.
    select distinct
        person_id,
        voter_id,
        state,
        is_minor,
        cast('mail' as varchar) as channel,
        {{ address_key('address', 'zip5') }} as contact,
        source_id,
        first_name,
        last_name,
        address,
        city,
        address_state,
        zip5
    from records
    where address is not null and zip5 is not null and not is_guarded and voter_id is null
),

-- A feed may hold a person twice, under two spellings of the name.
own_points as (
    select
        person_id,
        voter_id,
        max(state) as state,
        bool_or(is_minor) as is_minor,
        channel,
        contact,
        source_id as origin,
        source_id,
        {{ value_at_greatest('first_name', as_written) }} as first_name,
        {{ value_at_greatest('last_name', as_written) }} as last_name,
        max(address) as address,
        max(city) as city,
        max(address_state) as address_state,
        max(zip5) as zip5
    from own_records
    group by person_id, voter_id, channel, contact, source_id
),

points as (
    select
        person_id,
        voter_id,
        state,
        is_minor,
        channel,
        contact,
        cast('voter_file' as varchar) as origin,
        lower(state) || '_voters' as source_id,
        cast(null as varchar) as first_name,
        cast(null as varchar) as last_name,
        address,
        city,
        address_state,
        zip5
    from voter_list
    where contact is not null
    union all
    select
        person_id,
        voter_id,
        state,
        is_minor,
        channel,
        contact,
        origin,
        source_id,
        first_name,
        last_name,
        address,
        city,
        address_state,
        zip5
    from own_points
),

-- For what the source of a contact may be used, as its contract says.
uses as (
    select
        source,
        {{ joined_text('purpose') }} as permitted_purposes
    from {{ source('config', 'permitted_uses') }}
    where purpose in ('voter_contact', 'fundraising', 'volunteer_recruitment')
    group by source
),

-- Whoever asks to be left alone by every channel of a number or an address means all of them.
opted_out as (
    select
        contact,
        {%- for channel in ['sms', 'phone', 'email', 'mail'] %}
        max(case when channel in ('{{ channel }}', 'all') then 1 else 0 end) = 1 as is_out_of_{{ channel }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_contact__opt_outs') }}
    group by contact
),

judged as (
    select
        points.*,
        case
            when points.channel = 'sms' and opted_out.is_out_of_sms then 'opted_out'
            when points.channel = 'phone' and opted_out.is_out_of_phone then 'opted_out'
            when points.channel = 'email' and opted_out.is_out_of_email then 'opted_out'
            when points.channel = 'mail' and opted_out.is_out_of_mail then 'opted_out'
            when shared.contact is not null then 'shared_with_protected'
            when points.is_minor then 'minor'
        end as suppression_reason,
        uses.permitted_purposes
    from points
    left join opted_out on points.contact = opted_out.contact
    left join shared on points.contact = shared.contact
    left join uses on points.source_id = uses.source
),

-- Who said stop on one number is not texted on another.
stopped as (
    select distinct person_id
    from judged
    where channel = 'sms' and suppression_reason = 'opted_out'
),

settled as (
    select
        judged.person_id,
        judged.voter_id,
        judged.state,
        judged.channel,
        judged.contact,
        judged.origin,
        judged.source_id,
        judged.first_name,
        judged.last_name,
        judged.address,
        judged.city,
        judged.address_state,
        judged.zip5,
        judged.permitted_purposes,
        case
            when judged.channel = 'sms' and stopped.person_id is not null then 'opted_out'
            else judged.suppression_reason
        end as suppression_reason
    from judged
    left join stopped on judged.person_id = stopped.person_id
)

select
    person_id,
    voter_id,
    state,
    channel,
    contact,
    origin,
    source_id,
    first_name,
    last_name,
    address,
    city,
    address_state,
    zip5,
    permitted_purposes,
    suppression_reason is not null as is_suppressed,
    cast(suppression_reason as varchar) as suppression_reason
from settled
