{# How VAN names things. #}

{# The person of a VAN row: the number is unique only within a state and a side. #}
{% macro van_record_id(state, side, number) -%}
    'van:' || {{ state }} || '-' || {{ side }} || '-' || {{ number }}
{%- endmacro %}

{# The channel of a way of contact by its name: door, phone, text, email, mail or other. #}
{% macro van_channel(name) -%}
    case
        when lower({{ name }}) like '%walk%' or lower({{ name }}) like '%door%' then 'door'
        when lower({{ name }}) like '%sms%' or lower({{ name }}) like '%text%' then 'text'
        when lower({{ name }}) like '%phone%' or lower({{ name }}) like '%call%' then 'phone'
        when lower({{ name }}) like '%email%' or lower({{ name }}) like '%e-mail%' then 'email'
        when lower({{ name }}) like '%mail%' or lower({{ name }}) like '%letter%' then 'mail'
        else 'other'
    end
{%- endmacro %}

{# VAN writes clock times of the US East without saying so. #}
{% macro van_utc(expression) -%}
    {{ utc_from_zone(as_time(expression), "'America/New_York'") }}
{%- endmacro %}
