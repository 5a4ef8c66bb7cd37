-- One row per committee, month, class and state. Where fewer than 11 individuals stand in a cell, it is merged with
-- others like it: over states, then over months, then over classes, then over committees.
{%- set least = 11 %}
with

received as (
    select
        receipts.receipt_id,
        receipts.committee_id,
        receipts.transaction_class,
        coalesce(receipts.state, 'unknown') as state,
        receipts.month_date,
        receipts.contributor_key,
        receipts.amount_usd
    from {{ ref('int_fec__receipts') }} as receipts
),

-- Gifts of individuals, merged step by step: what a step cannot show goes on to the next.
{%- set steps = [
    ('by_state', ['committee_id', 'transaction_class', 'month_date', 'state']),
    ('by_month', ['committee_id', 'transaction_class', 'month_date']),
    ('by_class', ['committee_id', 'transaction_class']),
    ('by_committee', ['committee_id']),
    ('by_nothing', []),
] %}
left_for_by_state as (
    select *
    from received
    where contributor_key is not null
),
{% for name, keys in steps %}
people_{{ name }} as (
    select
        {% for key in keys %}{{ key }},
        {% endfor %}count(distinct contributor_key) as individual_count
    from left_for_{{ name }}
    {% if keys %}group by {{ keys | join(', ') }}{% endif %}

),

shown_{{ name }} as (
    select
        people.receipt_id,
        people.contributor_key,
        people.amount_usd,
        {% if 'committee_id' in keys %}people.committee_id{% else %}'other committees'{% endif %} as committee_id,
        {% if 'transaction_class' in keys %}people.transaction_class{% else %}'individual_any'{% endif %}
            as transaction_class,
        {% if 'month_date' in keys %}people.month_date{% else %}cast(null as date){% endif %} as month_date,
        {% if 'state' in keys %}people.state{% else %}'other states'{% endif %} as state,
        '{{ name }}' as merged
    from left_for_{{ name }} as people
    inner join people_{{ name }} as cell
        on
            cell.individual_count >= {{ least }}{% for key in keys %}
            and people.{{ key }} is not distinct from cell.{{ key }}{% endfor %}

),
{% if not loop.last %}
left_for_{{ steps[loop.index][0] }} as (
    select people.*
    from left_for_{{ name }} as people
    left join people_{{ name }} as cell
        on
            cell.individual_count >= {{ least }}{% for key in keys %}
            and people.{{ key }} is not distinct from cell.{{ key }}{% endfor %}

    where cell.individual_count is null
),
{% endif %}
{%- endfor %}
cells as (
    {%- for name, keys in steps %}
    select
        committee_id,
        transaction_class,
        month_date,
        state,
        merged,
        contributor_key,
        amount_usd
    from shown_{{ name }}
    union all
    {%- endfor %}
    select
        committee_id,
        transaction_class,
        month_date,
        state,
        'by_state' as merged,
        contributor_key,
        amount_usd
    from received
    where contributor_key is null
),

-- Whoever seeks an office in a state where an own candidate seeks it.
contested as (
    select distinct
        state,
        case office_code when 'us_senate' then 'S' when 'us_house' then 'H' when 'us_president' then 'P' end as office
    from {{ source('config', 'committees') }}
    where committee_kind = 'candidate'
),

summed as (
    select
        committee_id,
        transaction_class,
        month_date,
        state,
        merged,
        count(*) as transaction_count,
        count(distinct contributor_key) as individual_count,
        cast(sum(amount_usd) as decimal(18, 2)) as amount_usd
    from cells
    group by committee_id, transaction_class, month_date, state, merged
)

select
    summed.committee_id,
    coalesce(committees.committee_name, summed.committee_id) as committee_name,
    committees.committee_type,
    coalesce(committees.candidate_party, committees.party_affiliation) as party_affiliation,
    committees.office,
    committees.office_state,
    committees.office_district,
    own.committee_id is not null as is_own,
    own.committee_id is null and contested.office is not null as is_rival,
    summed.transaction_class,
    case
        when summed.transaction_class = 'independent_spending_for' then 'spent_for'
        when summed.transaction_class = 'independent_spending_against' then 'spent_against'
        else 'received'
    end as direction,
    summed.month_date,
    summed.state,
    summed.merged as detail,
    cast(summed.transaction_count as integer) as transaction_count,
    cast(summed.individual_count as integer) as individual_count,
    summed.amount_usd,
    campaign.data_as_of,
    campaign.release_id
from summed
left join {{ ref('stg_fec__committees') }} as committees on summed.committee_id = committees.committee_id
left join {{ source('config', 'committees') }} as own on summed.committee_id = own.committee_id
left join contested
    on
        committees.office = contested.office
        and (committees.office_state = contested.state or committees.office = 'P')
cross join {{ source('config', 'campaign') }} as campaign
