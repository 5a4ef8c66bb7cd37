-- The registered, in the form in which records are compared with them. A protected voter has a name and nothing else.
with

named as (
    select
        *,
        {{ name_normal('last_name') }} as last_normal,
        {{ name_normal('first_name') }} as first_normal,
        {{ address_text('residence_address') }} as address_text
    from {{ ref('int_voters__people') }}
),

split as (
    select
        *,
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
    placed.voter_id,
    placed.state,
    placed.is_protected,
    placed.last_normal as last_name,
    placed.first_normal as first_name,
    coalesce(nicknames.given_name, placed.first_normal) as first_root,
    nicknames.other_given_name as first_other,
    {{ name_normal('placed.middle_name') }} as middle_name,
    {{ suffix_code(name_normal('placed.name_suffix')) }} as name_suffix,
    placed.birth_date,
    nullif({{ house_number('placed.address_text') }}, '') as house_number,
    nullif({{ street_key('placed.street_text', 'types.street_type') }}, '') as street,
    nullif({{ unit_number('placed.street_line') }}, '') as unit,
    {{ name_normal('placed.residence_city') }} as city,
    placed.residence_zip as zip5,
    {{ email_normal('placed.email') }} as email,
    {{ phone_e164('placed.phone') }} as phone
from placed
left join {{ ref('nicknames') }} as nicknames on placed.first_normal = nicknames.nickname
left join {{ ref('street_types') }} as types
    on {{ extract_first('placed.street_text', '([A-Z]+)$') }} = types.street_word
