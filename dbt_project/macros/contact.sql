{# Ways of reaching a person and the person's name, each brought into one form, so that what two
   senders wrote differently can be compared. Every feed and every suppression goes through
   these: a telephone number that is normalised in two ways is an opt-out that does not work. #}

{# Characters that cannot be seen: zero-width, direction marks, byte order mark, soft hyphen. #}
{% macro visible(value) -%}
    {{ replace_all(value, '[\\x{00AD}\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{2069}\\x{FEFF}]', '') }}
{%- endmacro %}

{# A number of the North American Numbering Plan as '+1' and ten digits; null for anything else.
   Punctuation, a leading 1 and an extension go; other countries, codes that cannot exist (area or
   exchange beginning with 0 or 1, N11, area codes N9X) and one digit ten times over are null. #}
{% macro phone_e164(value) -%}
    {%- set text = "lower(trim(" ~ visible(as_text(value)) ~ "))" -%}
    {%- set digits = replace_all(replace_all(text, '(ext|x|#|;).*$', ''), '[^0-9]', '') -%}
    case
        when {{ matches(text, '^[+]') }} and not {{ matches(text, '^[+][^0-9]*1') }} then null
        when not {{ matches(digits, '^1?[2-9][0-8][0-9][2-9][0-9]{6}$') }} then null
        when {{ matches(digits, '^1?([0-9]11|[0-9]{3}[0-9]11)') }} then null
        when replace(right({{ digits }}, 10), right({{ digits }}, 1), '') = '' then null
        else '+1' || right({{ digits }}, 10)
    end
{%- endmacro %}

{# An e-mail address in lower case without surroundings ('mailto:', angle brackets); null where it
   is none. '+tag' and dots stay: whether they are the same mailbox is the provider's business. #}
{% macro email_normal(value) -%}
    {%- set text = replace_all("lower(trim(" ~ visible(as_text(value)) ~ "))", '^(mailto:|<)|>$', '') -%}
    case
        when {{ matches(text, '^[^@ <>(),;:"\\s]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?[.][a-z]{2,}$') }}
            and not {{ matches(text, '[.][.]|^[.]|[.]@') }}
            then {{ text }}
    end
{%- endmacro %}

{# First five digits of a ZIP code, as text. #}
{% macro zip5(value) -%}
    case when {{ matches("trim(" ~ value ~ ")", '^[0-9]{5}') }} then substr(trim({{ value }}), 1, 5) end
{%- endmacro %}

{# A name in capitals without accents and punctuation: O'Brien is OBRIEN, Smith-Jones is SMITH JONES.
   Null where no letter is left. #}
{% macro name_normal(value) -%}
    {%- set joined = replace_all("upper(" ~ without_accents(visible(as_text(value))) ~ ")", "[.\\x{0027}\\x{2018}\\x{2019}\\x{0060}\\x{00B4}]", '') -%}
    {%- set spaced = "trim(" ~ replace_all(joined, '[^\\pL\\pN]+', ' ') ~ ")" -%}
    case when {{ matches(spaced, '\\pL') }} then {{ spaced }} end
{%- endmacro %}

{# JR, SR, II, III or IV out of a normalised suffix; null for anything else. #}
{% macro suffix_code(value) -%}
    case {{ value }}
        when 'JR' then 'JR'
        when 'JUNIOR' then 'JR'
        when 'SR' then 'SR'
        when 'SENIOR' then 'SR'
        when 'II' then 'II'
        when '2ND' then 'II'
        when 'III' then 'III'
        when '3RD' then 'III'
        when 'IV' then 'IV'
    end
{%- endmacro %}
