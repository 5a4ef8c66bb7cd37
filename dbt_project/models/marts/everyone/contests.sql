-- One row per contest of the campaign: what is fought, by which rule, with which diagnostics.
with shifts as (
    select
        contest_id,
        max(case when measure = 'vote_goal' then shift end) as goal_shift
    from {{ ref('int_goals__contest_shifts') }}
    group by contest_id
)

select
    contests.contest_id,
    contests.contest_name,
    contests.election_date,
    contests.state,
    contests.office_code,
    contests.district_type,
    contests.district_id,
    contests.party_code,
    contests.seats,
    contests.candidates,
    contests.plurality_share,
    contests.target_share,
    contests.roll_off,
    cast(shifts.goal_shift as decimal(12, 6)) as goal_shift,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_contests__contests') }} as contests
left join shifts on contests.contest_id = shifts.contest_id
cross join {{ source('config', 'campaign') }} as campaign
