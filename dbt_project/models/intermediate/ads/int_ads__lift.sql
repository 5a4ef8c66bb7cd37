-- One row per hold-out. Everybody assigned counts, whether or not an ad was seen (intention to treat): sign-ups
-- per person assigned in the treatment arm, minus the same in the control arm, with an 80 % interval by
-- R. G. Newcombe (1998), Statistics in Medicine 17, method 10, from the two arms' score intervals.
with

arms as (
    select
        platform,
        test_id,
        arm,
        max(arm_people) as people,
        sum(conversions) as conversions,
        sum(spend_usd) as spend_usd
    from {{ ref('int_ads__daily') }}
    where test_id is not null and arm in ('treatment', 'control')
    group by platform, test_id, arm
),

tests as (
    select
        platform,
        test_id,
        {%- for arm in ['treatment', 'control'] %}
        max(case when arm = '{{ arm }}' then people end) as {{ arm }}_people,
        max(case when arm = '{{ arm }}' then conversions end) as {{ arm }}_conversions,
        {%- endfor %}
        max(case when arm = 'treatment' then spend_usd end) as treatment_spend_usd
    from arms
    group by platform, test_id
),

judged as (
    select
        *,
        case
            when treatment_people is null or control_people is null
                then 'not enough data: an arm or its number of people is missing'
            when treatment_conversions > treatment_people or control_conversions > control_people
                then 'not enough data: more sign-ups than people assigned, so the number of people is wrong'
            when least(treatment_people, control_people) < {{ lift_minimum_people() }}
                then 'not enough data: fewer than {{ lift_minimum_people() }} people in an arm'
            when treatment_conversions + control_conversions < {{ lift_minimum_conversions() }}
                then 'not enough data: fewer than {{ lift_minimum_conversions() }} sign-ups in both arms'
        end as obstacle
    from tests
),

bounds as (
    select
        platform,
        test_id,
        {%- for arm in ['treatment', 'control'] %}
        cast({{ arm }}_conversions as double) / {{ arm }}_people as {{ arm }}_rate,
        {{ wilson_bound(arm ~ '_conversions', arm ~ '_people', '-') }} as {{ arm }}_low,
        {{ wilson_bound(arm ~ '_conversions', arm ~ '_people', '+') }} as {{ arm }}_high
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from judged
    where obstacle is null
),

lifts as (
    select
        platform,
        test_id,
        cast(treatment_rate as decimal(12, 9)) as treatment_share,
        cast(control_rate as decimal(12, 9)) as control_share,
        cast(treatment_rate - control_rate as decimal(12, 9)) as lift_share,
        cast(
            treatment_rate - control_rate
            - sqrt(
                (treatment_rate - treatment_low) * (treatment_rate - treatment_low)
                + (control_high - control_rate) * (control_high - control_rate)
            ) as decimal(12, 9)
        ) as lift_low_share,
        cast(
            treatment_rate - control_rate
            + sqrt(
                (treatment_high - treatment_rate) * (treatment_high - treatment_rate)
                + (control_rate - control_low) * (control_rate - control_low)
            ) as decimal(12, 9)
        ) as lift_high_share
    from bounds
)

select
    judged.platform as platform,
    judged.test_id as test_id,
    cast(judged.treatment_people as bigint) as treatment_people,
    cast(judged.control_people as bigint) as control_people,
    cast(judged.treatment_conversions as decimal(18, 6)) as treatment_conversions,
    cast(judged.control_conversions as decimal(18, 6)) as control_conversions,
    cast(judged.treatment_spend_usd as decimal(24, 6)) as treatment_spend_usd,
    lifts.treatment_share as treatment_share,
    lifts.control_share as control_share,
    lifts.lift_share as lift_share,
    lifts.lift_low_share as lift_low_share,
    lifts.lift_high_share as lift_high_share,
    -- A cost per result of nothing, or of what may be nothing, is no number.
    case
        when lifts.lift_low_share > 0
            then cast(
                cast(judged.treatment_spend_usd as double) / (lifts.lift_share * judged.treatment_people)
                as decimal(18, 4)
            )
    end as cost_per_added_conversion_usd,
    coalesce(
        judged.obstacle,
        case
            when lifts.lift_low_share > 0 then 'the ads added sign-ups'
            when lifts.lift_high_share < 0 then 'the ads cost sign-ups'
            else 'no difference can be told'
        end
    ) as lift_statement
from judged
left join lifts on judged.platform = lifts.platform and judged.test_id = lifts.test_id
