-- One row per universe and contest it serves, and one for the whole universe: how many, how many can be reached,
-- how many net votes to expect by the ledger's rates, and how much of the deficit that is.
{%- set channels = ['sms', 'phone', 'email', 'mail', 'walk', 'digital'] %}
with

-- The same people-to-votes arithmetic as the ledger's pools (int_goals__split_measures).
split_counts as (
    select
        members.universe_id,
        members.split_id,
        count(*) as people,
        count(distinct members.household_id) as households,
        {%- for channel in channels %}
        sum(case when members.can_{{ channel }} then 1 else 0 end) as reachable_{{ channel }},
        {%- endfor %}
        cast(
            sum(
                cast(
                    case definitions.yields
                        when 'gotv' then scores.p_support * (1 - scores.p_turnout)
                        when 'registration' then scores.p_support * (1 - scores.p_turnout)
                        when 'persuasion' then scores.p_turnout * (1 - scores.p_support)
                    end as decimal(18, 9)
                )
            ) as decimal(20, 9)
        ) as mass
    from {{ ref('universe_members') }} as members
    inner join {{ ref('int_universes__definitions') }} as definitions on members.universe_id = definitions.universe_id
    left join {{ ref('int_scores__voters') }} as scores on members.voter_id = scores.voter_id
    group by members.universe_id, members.split_id
),

-- People outside every contest (a donor of another state) are in no split; a universe nobody is in has its line too.
everywhere as (
    select
        universe_id,
        split_id
    from split_counts
    union distinct
    select
        universe_id,
        cast(null as varchar) as split_id
    from {{ ref('int_universes__definitions') }}
),

served as (
    select
        universe_id,
        split_id,
        contest_id,
        roll_off
    from {{ ref('int_universes__contests') }}
    union all
    select
        universe_id,
        split_id,
        cast('all' as varchar) as contest_id,
        cast(1 as decimal(9, 6)) as roll_off
    from everywhere
),

counted as (
    select
        served.universe_id,
        served.contest_id,
        cast(sum(coalesce(split_counts.people, 0)) as bigint) as people,
        cast(sum(coalesce(split_counts.households, 0)) as bigint) as households,
        {%- for channel in channels %}
        cast(sum(coalesce(split_counts.reachable_{{ channel }}, 0)) as bigint) as reachable_{{ channel }},
        {%- endfor %}
        cast(
            cast(sum(coalesce(split_counts.mass, 0)) as decimal(20, 9)) * max(served.roll_off) as decimal(30, 15)
        ) as mass
    from served
    left join split_counts
        on
            served.universe_id = split_counts.universe_id
            and coalesce(served.split_id, '') = coalesce(split_counts.split_id, '')
    group by served.universe_id, served.contest_id
),

lines as (
    select
        definitions.universe_id,
        definitions.universe_name,
        definitions.owner,
        definitions.purpose,
        definitions.yields,
        counted.contest_id,
        counted.people,
        counted.households,
        {%- for channel in channels %}
        counted.reachable_{{ channel }},
        {%- endfor %}
        cast(floor({{ as_quota('counted.mass') }} * rates.effect_share) as bigint) as expected_net_votes,
        targets.vote_deficit,
        goals.registration_gap
    from {{ ref('int_universes__definitions') }} as definitions
    inner join counted on definitions.universe_id = counted.universe_id
    left join {{ ref('int_goals__pool_rates') }} as rates on definitions.yields = rates.purpose
    left join {{ ref('int_goals__contest_targets') }} as targets on counted.contest_id = targets.contest_id
    left join {{ ref('district_vote_goals') }} as goals
        on
            counted.contest_id = goals.contest_id
            and goals.geography_type = 'contest'
            and definitions.yields = 'registration'
)

select
    lines.universe_id,
    lines.contest_id,
    lines.universe_name,
    lines.owner,
    lines.purpose,
    lines.yields,
    {{ unless_few('lines.people') }} as people,
    {{ unless_few('lines.households', 'lines.people') }} as households,
    {%- for channel in channels %}
    {{ unless_few('lines.reachable_' ~ channel, 'lines.people') }} as reachable_{{ channel }},
    {%- endfor %}
    case when {{ unless_few('lines.people') }} is not null then lines.expected_net_votes end as expected_net_votes,
    lines.vote_deficit,
    -- A universe that yields no votes covers no share of anything.
    cast(
        case
            when
                {{ unless_few('lines.people') }} is not null
                and lines.expected_net_votes is not null
                and lines.vote_deficit > 0
                then least(1, cast(lines.expected_net_votes as double) / lines.vote_deficit)
        end as decimal(9, 6)
    ) as deficit_covered_share,
    lines.registration_gap,
    campaign.data_as_of,
    campaign.release_id
from lines
cross join {{ source('config', 'campaign') }} as campaign
