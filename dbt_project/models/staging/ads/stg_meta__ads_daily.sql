-- Three exports tell the same thing: by market, by state and without breakdown. Each ad and day is taken from
-- the finest; what the platform held back there is added as a rest, so that nothing is lost or counted twice.
{%- set measures = ['impressions', 'clicks', 'spend_usd', 'conversions'] %}
with

delivered as (
    {%- for table, area_type, area in [
        ('meta_insights', 'all', 'null'),
        ('meta_insights_region', 'region', 'region'),
        ('meta_insights_dma', 'dma', 'dma'),
    ] %}
    select
        cast('{{ area_type }}' as varchar) as area_type,
        cast({{ area }} as varchar) as area_name,
        cast(date_start as date) as response_date,
        account_id,
        campaign_id,
        campaign_name,
        adset_id as group_id,
        adset_name as group_name,
        ad_id,
        ad_name,
        cast(impressions as bigint) as impressions,
        cast(coalesce(clicks, '0') as bigint) as clicks,
        {{ ad_money('spend') }} as spend_usd,
        -- 'lead' holds sign-ups on and off the site; the other kinds are parts of it.
        coalesce(
            {{ try_cast(json_list_value('actions', 'action_type', 'lead', 'value'), 'decimal(18, 6)') }}, 0
        ) as conversions,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', table) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

told as (
    select *
    from {{ newest_by_window('delivered', 'response_date', ['account_id', 'area_type']) }} as newest
),

finest as (
    select
        account_id,
        ad_id,
        response_date,
        min(area_type) as area_type
    from told
    where area_type <> 'all'
    group by account_id, ad_id, response_date
),

by_area as (
    select told.*
    from told
    inner join finest
        on
            told.account_id = finest.account_id
            and told.ad_id = finest.ad_id
            and told.response_date = finest.response_date
            and told.area_type = finest.area_type
),

areas_together as (
    select
        account_id,
        ad_id,
        response_date,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from by_area
    group by account_id, ad_id, response_date
),

rests as (
    select
        whole.response_date,
        whole.account_id,
        whole.campaign_id,
        whole.campaign_name,
        whole.group_id,
        whole.group_name,
        whole.ad_id,
        whole.ad_name,
        case when areas_together.ad_id is null then 'all' else 'rest' end as area_type,
        {%- for measure in measures %}
        greatest(whole.{{ measure }} - coalesce(areas_together.{{ measure }}, 0), 0) as {{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from told as whole
    left join areas_together
        on
            whole.account_id = areas_together.account_id
            and whole.ad_id = areas_together.ad_id
            and whole.response_date = areas_together.response_date
    where whole.area_type = 'all'
)

select
    response_date,
    account_id,
    campaign_id,
    campaign_name,
    group_id,
    group_name,
    ad_id,
    ad_name,
    area_type,
    area_name,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    cast(spend_usd as decimal(24, 6)) as spend_usd,
    cast(conversions as decimal(18, 6)) as conversions
from by_area
union all
select
    response_date,
    account_id,
    campaign_id,
    campaign_name,
    group_id,
    group_name,
    ad_id,
    ad_name,
    area_type,
    cast(null as varchar) as area_name,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    cast(spend_usd as decimal(24, 6)) as spend_usd,
    cast(conversions as decimal(18, 6)) as conversions
from rests
where area_type = 'all' or impressions + clicks + spend_usd + conversions > 0
