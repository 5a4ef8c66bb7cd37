{# What every source of gifts needs alike. Nothing here knows a sender's layout. #}

{# US dollars as they were written, null for anything else. #}
{% macro usd(value) -%}
    {{ try_cast("trim(" ~ value ~ ")", 'decimal(14,2)') }}
{%- endmacro %}

{# The election a gift was given for, as the FEC codes it: a letter (P primary, G general, R runoff, S special,
   C convention, O other) and the year. Read from the code itself or from words; null where nobody said, which
   is never filled in: undesignated money counts against every election until somebody designates it. #}
{% macro election_code(value) -%}
    {%- set text = "upper(coalesce(" ~ value ~ ", ''))" -%}
    {%- set code = extract_first(text, '\\b([PGRSCO]20[0-9]{2})\\b') -%}
    {%- set year = extract_first(text, '\\b(20[0-9]{2})\\b') -%}
    {%- set words = [('PRIMARY', 'P'), ('GENERAL', 'G'), ('RUNOFF', 'R'), ('RUN-OFF', 'R'), ('SPECIAL', 'S'),
        ('CONVENTION', 'C')] -%}
    case
        when {{ code }} <> '' then {{ code }}
        {%- for word, letter in words %}
        when {{ year }} <> '' and {{ text }} like '%{{ word }}%' then '{{ letter }}' || {{ year }}
        {%- endfor %}
    end
{%- endmacro %}

{# The record of a donor within one source. The sender's own id where there is one; otherwise e-mail and name
   together, because couples share an address; otherwise the receipt. #}
{% macro donor_key(donor_id, email, first_name, last_name, receipt_id) -%}
    coalesce(
        nullif(trim({{ donor_id }}), ''),
        substr(md5(
            {{ email_normal(email) }} || '|' || coalesce({{ name_normal(first_name) }}, '')
            || '|' || coalesce({{ name_normal(last_name) }}, '')
        ), 1, 16),
        {{ receipt_id }}
    )
{%- endmacro %}

{# Whether employer or occupation was said. A campaign's own note that it has asked is no answer. #}
{% macro is_said(value) -%}
    coalesce(
        upper(trim({{ value }})) not in (
            '', '-', 'N/A', 'NA', 'UNKNOWN', 'REQUESTED', 'INFORMATION REQUESTED',
            'INFORMATION REQUESTED PER BEST EFFORTS'
        ), false
    )
{%- endmacro %}

{# The next amount that is easily asked for: steps of 5, 25, 50 and 100 dollars as it grows. #}
{% macro round_ask(amount) -%}
    cast(case
        when {{ amount }} <= 100 then ceil({{ amount }} / 5) * 5
        when {{ amount }} <= 500 then ceil({{ amount }} / 25) * 25
        when {{ amount }} <= 2000 then ceil({{ amount }} / 50) * 50
        else ceil({{ amount }} / 100) * 100
    end as decimal(14,2))
{%- endmacro %}

{# Which of five equal parts of all rows a value lies in, 5 the greatest; equal values share a score. #}
{% macro fifth(value) -%}
    1 + cast(floor(5.0 * (rank() over (order by {{ value }}) - 1) / count(*) over ()) as integer)
{%- endmacro %}

{# A day of an FEC file: MMDDYYYY. What is no day of the FEC's time is null, and the row stays. #}
{% macro fec_date(value) -%}
    case
        when {{ parse_date(value, 'mmddyyyy') }} between date '1975-01-01' and date '2100-01-01'
            then {{ parse_date(value, 'mmddyyyy') }}
    end
{%- endmacro %}

{# US dollars of an FEC row as what they do to the filer's receipts: a refund takes away, whichever sign it was
   filed with. #}
{% macro fec_usd(amount, transaction_type) -%}
    case
        when {{ transaction_type }} in ('20Y', '21Y', '22Y', '22Z') then -abs({{ usd(amount) }})
        else {{ usd(amount) }}
    end
{%- endmacro %}
