-- Every record of a person that a feed of the campaign's own holds, in the form in which records are compared.
with

delivered as (
    {{ people_records([
        'stg_actblue__donors', 'stg_hustle__leads', 'stg_mailchimp__members', 'stg_mobilize__users',
        'stg_ngp__donors', 'stg_spoke__contacts', 'stg_thrutext__contacts', 'stg_van__people', 'stg_winred__donors',
    ]) }}
),

named as (
    select
        *,
        {{ name_normal('last_name') }} as last_normal,
        {{ name_normal('first_name') }} as first_normal,
        {{ name_normal('middle_name') }} as middle_normal,
        {{ name_normal('name_suffix') }} as suffix_normal,
        {{ address_text('address') }} as address_text
    from delivered
),

-- Forms without a field for it have the suffix behind the last name.
split as (
    select
        *,
        {{ suffix_code("coalesce(suffix_normal, " ~ extract_first('last_normal', ' (JR|SR|II|III|IV)$') ~ ")") }}
            as suffix_code,
        {{ replace_all('last_normal', ' (JR|SR|II|III|IV)$', '') }} as last_alone,
        {{ street_line('address_text') }} as street_line
    from named
),

placed as (
    select
        *,
        {{ street_without_unit('street_line') }} as street_text
    from split
)

select
    placed.record_id,
    placed.source,
    placed.source_person_id,
    placed.given_voter_id,
    placed.last_alone as last_name,
    placed.first_normal as first_name,
    coalesce(nicknames.given_name, placed.first_normal) as first_root,
    nicknames.other_given_name as first_other,
    placed.middle_normal as middle_name,
    placed.suffix_code as name_suffix,
    nullif({{ house_number('placed.address_text') }}, '') as house_number,
    nullif({{ street_key('placed.street_text', 'types.street_type') }}, '') as street,
    nullif({{ unit_number('placed.street_line') }}, '') as unit,
    {{ name_normal('placed.city') }} as city,
    case when {{ matches('upper(trim(placed.state))', '^[A-Z]{2}$') }} then upper(trim(placed.state)) end as state,
    {{ zip5('placed.zip5') }} as zip5,
    {{ email_normal('placed.email') }} as email,
    {{ phone_e164('placed.phone') }} as phone,
    placed.first_seen_date
from placed
left join {{ ref('nicknames') }} as nicknames on placed.first_normal = nicknames.nickname
left join {{ ref('street_types') }} as types
    on {{ extract_first('placed.street_text', '([A-Z]+)$') }} = types.street_word
