-- Staging reads each delivered row of messages and advertising once, or leaves it out for a newer one: a row more
-- would be a text or a dollar that nobody delivered. These models have no key of their own that could show it.
{%- set delivered = {
    'stg_hustle__messages': ['hustle_messages'],
    'stg_spoke__messages': ['spoke_messages'],
    'stg_thrutext__messages': ['thrutext_messages'],
    'stg_google_ads__daily': ['google_ads_stats', 'google_ads_report'],
    'stg_google_political__geo_spend': ['google_political_geo_spend'],
} %}
{{ more_rows_than_delivered(delivered) }}
