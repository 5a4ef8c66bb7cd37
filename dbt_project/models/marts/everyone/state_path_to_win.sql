-- One row per state with certified county results: its place on the way to an electoral majority.
with fought as (
    select
        contests.state,
        extract(year from contests.election_date) as election_year,
        targets.win_number,
        targets.vote_goal
    from {{ ref('int_goals__contest_targets') }} as targets
    inner join {{ ref('int_contests__contests') }} as contests on targets.contest_id = contests.contest_id
    where contests.office_code = 'us_president' and contests.district_id is null
),

reckoned as (
    select
        outlook.*,
        campaign.party_code,
        campaign.data_as_of,
        campaign.release_id,
        cast(floor(outlook.expected_turnout * 0.5) + 1 as bigint) as win_number,
        cast(ceil(campaign.target_share * outlook.expected_turnout) as bigint) as aimed_for
    from {{ source('models', 'state_outlook') }} as outlook
    cross join {{ source('config', 'campaign') }} as campaign
)

select
    reckoned.election_year,
    reckoned.state,
    reckoned.party_code,
    reckoned.electoral_votes,
    reckoned.votes_needed,
    reckoned.is_complete,
    reckoned.expected_share,
    reckoned.expected_share_low,
    reckoned.expected_share_high,
    reckoned.expected_turnout,
    reckoned.expected_turnout_low,
    reckoned.expected_turnout_high,
    coalesce(fought.win_number, reckoned.win_number) as win_number,
    coalesce(fought.vote_goal, greatest(reckoned.aimed_for, reckoned.win_number)) as vote_goal,
    reckoned.win_probability,
    reckoned.tipping_point_probability as tipping_point_share,
    reckoned.cumulative_votes,
    reckoned.is_tipping_point,
    reckoned.campaign_win_probability,
    reckoned.model_version,
    reckoned.data_as_of,
    reckoned.release_id
from reckoned
left join fought on reckoned.state = fought.state and reckoned.election_year = fought.election_year
