-- One row per contest and ordered pair of universes that serve it: how many people are in both.
with

pairs as (
    select
        members.universe_id,
        paired.universe_id as other_universe_id,
        members.split_id,
        count(*) as people_in_both
    from {{ ref('int_universes__members') }} as members
    inner join {{ ref('int_universes__members') }} as paired
        on members.person_id = paired.person_id and members.universe_id <> paired.universe_id
    group by members.universe_id, paired.universe_id, members.split_id
),

sizes as (
    select
        universe_id,
        contest_id,
        people
    from {{ ref('universes') }}
),

found as (
    select
        pairs.universe_id,
        pairs.other_universe_id,
        contests.contest_id,
        sum(pairs.people_in_both) as people_in_both
    from pairs
    inner join {{ ref('int_universes__contests') }} as contests
        on pairs.universe_id = contests.universe_id and pairs.split_id = contests.split_id
    group by pairs.universe_id, pairs.other_universe_id, contests.contest_id
    union all
    select
        universe_id,
        other_universe_id,
        cast('all' as varchar) as contest_id,
        sum(people_in_both) as people_in_both
    from pairs
    group by universe_id, other_universe_id
),

lines as (
    select
        sizes.universe_id,
        paired.universe_id as other_universe_id,
        sizes.contest_id,
        sizes.people,
        cast(coalesce(found.people_in_both, 0) as bigint) as people_in_both
    from sizes
    inner join sizes as paired
        on sizes.contest_id = paired.contest_id and sizes.universe_id <> paired.universe_id
    left join found
        on
            sizes.universe_id = found.universe_id
            and paired.universe_id = found.other_universe_id
            and sizes.contest_id = found.contest_id
)

select
    lines.universe_id,
    lines.other_universe_id,
    lines.contest_id,
    {{ unless_few('lines.people_in_both') }} as people_in_both,
    cast(
        case
            when {{ unless_few('lines.people_in_both') }} is not null
                then cast(lines.people_in_both as double) / nullif(lines.people, 0)
        end as decimal(9, 6)
    ) as share_of_universe,
    campaign.data_as_of,
    campaign.release_id
from lines
cross join {{ source('config', 'campaign') }} as campaign
