-- One row per precinct split: what the people scored there add up to, for every contest alike.
with thresholds as (
    select
        {% for threshold in goals_thresholds() -%}
        max(case when name = '{{ threshold }}' then value end) as {{ threshold }},
        {% endfor -%}
        count(*) as threshold_count
    from {{ source('config', 'thresholds') }}
),

scored as (
    select
        voters.split_id,
        voters.state,
        voters.sex,
        voters.is_active,
        voters.is_inactive,
        voters.is_other_party_behaviour,
        voters.p_turnout,
        voters.p_support,
        voters.turnout_version,
        voters.support_version,
        cast(voters.p_turnout * voters.p_support as decimal(18, 9)) as p_vote,
        voters.p_turnout >= thresholds.reliable_turnout_min as is_reliable,
        voters.is_active
        and voters.p_support >= thresholds.gotv_support_min
        and voters.p_turnout >= thresholds.gotv_turnout_min
        and voters.p_turnout < thresholds.gotv_turnout_max as is_gotv,
        voters.is_active
        and voters.p_support >= thresholds.persuasion_support_min
        and voters.p_support <= thresholds.persuasion_support_max
        and voters.p_turnout >= thresholds.persuasion_turnout_min as is_persuasion,
        voters.p_support >= thresholds.crossover_support_min as is_crossover_support
    from {{ ref('int_scores__voters') }} as voters
    cross join thresholds
)

select
    split_id,
    max(state) as state,
    cast(sum(case when is_active then 1 else 0 end) as bigint) as registered,
    cast(sum(case when is_inactive then 1 else 0 end) as bigint) as registered_inactive,
    cast(sum(p_turnout) as decimal(20, 9)) as turnout_mass,
    cast(sum(p_vote) as decimal(20, 9)) as support_mass,
    cast(sum(case when is_reliable then p_vote else 0 end) as decimal(20, 9)) as base_mass,
    cast(sum(case when is_active then p_turnout else 0 end) as decimal(20, 9)) as active_turnout_mass,
    cast(sum(case when is_active then p_support else 0 end) as decimal(20, 9)) as active_support_mass,
    cast(sum(case when is_gotv then 1 else 0 end) as bigint) as gotv_pool,
    cast(sum(case when is_gotv then cast(p_support * (1 - p_turnout) as decimal(18, 9)) else 0 end) as decimal(20, 9))
        as gotv_mass,
    cast(sum(case when is_persuasion then 1 else 0 end) as bigint) as persuasion_pool,
    cast(sum(case when is_persuasion and sex = 'F' then 1 else 0 end) as bigint) as persuasion_women,
    cast(sum(case when is_persuasion and sex = 'M' then 1 else 0 end) as bigint) as persuasion_men,
    cast(sum(case when is_persuasion and coalesce(sex, 'U') not in ('F', 'M') then 1 else 0 end) as bigint)
        as persuasion_unknown_sex,
    cast(sum(case when is_persuasion and is_other_party_behaviour and is_crossover_support then 1 else 0 end) as bigint)
        as crossover_pool,
    cast(sum(case when is_persuasion then p_turnout else 0 end) as decimal(20, 9)) as persuadable_mass,
    cast(
        sum(case when is_persuasion then cast(p_turnout * (1 - p_support) as decimal(18, 9)) else 0 end)
        as decimal(20, 9)
    ) as persuasion_mass,
    cast(max(turnout_version) || ' / ' || max(support_version) as varchar) as model_version
from scored
group by split_id
