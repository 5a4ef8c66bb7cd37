-- A threshold or a pool's rates that are missing would empty a pool without a word.
with wanted as (
    {%- for name in goals_thresholds() %}
    select cast('{{ name }}' as varchar) as name
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

purposes as (
    {%- for purpose in goals_purposes() %}
    select cast('{{ purpose }}' as varchar) as name
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select wanted.name
from wanted
left join {{ source('config', 'thresholds') }} as thresholds on wanted.name = thresholds.name
where thresholds.value is null
union all
select purposes.name
from purposes
left join {{ ref('int_goals__pool_rates') }} as rates on purposes.name = rates.purpose
where rates.cost_per_net_vote_usd is null
