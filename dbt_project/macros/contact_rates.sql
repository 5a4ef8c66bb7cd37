{# Every pool and channel with the rates in use: those shipped, each replaced where the campaign has its own. #}
{% macro rates_in_use() -%}
select
        coalesce(own.purpose, shipped.purpose) as purpose,
        coalesce(own.channel, shipped.channel) as channel,
        coalesce(own.contact_rate, shipped.contact_rate) as contact_rate,
        coalesce(own.attempts_per_hour, shipped.attempts_per_hour) as attempts_per_hour,
        coalesce(own.net_votes_per_contact, shipped.net_votes_per_contact) as net_votes_per_contact,
        coalesce(own.cost_per_attempt_usd, shipped.cost_per_attempt_usd) as cost_per_attempt_usd,
        coalesce(own.effect_share, shipped.effect_share) as effect_share
    from (select * from {{ ref('contact_rates') }} where rate_profile = 'default') as shipped
    full outer join {{ ref('contact_rate_overrides') }} as own
        on shipped.purpose = own.purpose and shipped.channel = own.channel
{%- endmacro %}
