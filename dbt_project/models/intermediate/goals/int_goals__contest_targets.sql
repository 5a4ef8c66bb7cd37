-- One row per contest: how many votes win, how many are aimed for, how many come unasked.
with turnout as (
    select
        contest_id,
        cast(sum(expected_turnout) as bigint) as expected_turnout,
        cast(sum(base_vote) as bigint) as base_vote
    from {{ ref('int_goals__contest_turnout') }}
    group by contest_id
),

contests as (
    select
        contests.contest_id,
        contests.candidates,
        contests.seats,
        contests.plurality_share,
        contests.target_share,
        campaign.goal_rounding,
        turnout.expected_turnout,
        turnout.base_vote
    from {{ ref('int_contests__contests') }} as contests
    inner join turnout on contests.contest_id = turnout.contest_id
    cross join {{ source('config', 'campaign') }} as campaign
),

wins as (
    select
        contest_id,
        candidates,
        expected_turnout,
        base_vote,
        cast(
            case
                when expected_turnout = 0 then 0
                when candidates = 1 then 1
                when candidates > 2 or seats > 1
                    then least(floor(plurality_share * expected_turnout) + 1, expected_turnout)
                -- A whole number times one half in decimals: integer division differs between engines.
                else floor(expected_turnout * 0.5) + 1
            end as bigint
        ) as win_number,
        cast(
            case
                when goal_rounding = 'nearest' then floor(target_share * expected_turnout + 0.5)
                else ceil(target_share * expected_turnout)
            end as bigint
        ) as aimed_for
    from contests
),

goals as (
    select
        contest_id,
        expected_turnout,
        base_vote,
        win_number,
        -- An uncontested seat is won by one vote; a share of the turnout would buy nothing.
        case
            when candidates = 1 then win_number
            else least(greatest(aimed_for, win_number), expected_turnout)
        end as vote_goal
    from wins
)

select
    contest_id,
    expected_turnout,
    win_number,
    vote_goal,
    base_vote,
    vote_goal - base_vote as vote_deficit
from goals
