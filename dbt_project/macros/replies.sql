{# What texting vendors write in their own ways, brought into one. #}

{# The text of one field of a flat JSON object written as text; null where it is missing or blank.
   Enough for what our own uploads put there: no nesting, no escaped quotation marks. #}
{% macro json_field(value, name) -%}
    nullif(trim({{ extract_first(value, '"' ~ name ~ '" *: *"([^"]*)"') }}), '')
{%- endmacro %}

{# 'true' in any of the spellings of the vendors. #}
{% macro is_yes(value) -%}
    coalesce(lower(trim({{ value }})) in ('true', 't', '1', 'yes'), false)
{%- endmacro %}

{# A time written as ISO 8601, in UTC, null where it is none. #}
{% macro utc_time(value) -%}
    {{ try_cast(value, 'timestamp') }}
{%- endmacro %}

{# The leading digit of a support answer ('1 - Strong support'), 1 for us to 5 against; null for any other. #}
{% macro support_answer(value) -%}
    {{ try_cast("nullif(" ~ extract_first(value, '^[^0-9]*([1-5])([^0-9]|$)') ~ ", '')", 'integer') }}
{%- endmacro %}

{# The kind of a reply, by words alone and in this order: stop (a revocation), negative, positive, question,
   other. Crude on purpose: anybody can read why a reply was counted as it was. #}
{% macro reply_kind(value) -%}
    {%- set plain = "lower(" ~ without_accents(visible(value)) ~ ")" -%}
    case
        when {{ value }} is null then null
        when {{ is_revocation(value) }} then 'stop'
        when {{ matches(plain, '^ *(no|nope|nah|never)([^a-z]|$)|not interested|wrong (number|person)|other side|leave me') }} then 'negative'
        when {{ matches(plain, '^ *(yes|yeah|yep|yup|sure|absolutely|definitely|of course|ok|okay|si|claro)([^a-z]|$)|count me in|i.?m in([^a-z]|$)|with you|👍|💙') }} then 'positive'
        when {{ matches(plain, '[?]') }} then 'question'
        else 'other'
    end
{%- endmacro %}

{# What a volunteer's tags say of a conversation: negative before positive, null where they say neither. #}
{% macro tag_kind(value) -%}
    case
        when {{ matches("lower(" ~ value ~ ")", 'oppos|hostile|refus|against|not interested|wrong number') }} then 'negative'
        when {{ matches("lower(" ~ value ~ ")", 'supporter|strong yes|volunteer') }} then 'positive'
    end
{%- endmacro %}

{# Spoke gives conversations no id: a campaign and a number make one, hashed under the key of the home so that no number
   travels as an id. #}
{% macro spoke_conversation(campaign, number) -%}
    {{ keyed_hash("'conversation:spoke:' || " ~ campaign ~ " || ':' || coalesce(" ~ phone_e164(number) ~ ", " ~ number ~ ")") }}
{%- endmacro %}
