-- How likely a voter is to be open to the other side, for ordering lists: purpose rank. It is no probability and is
-- never added up. Evidence from five places, each 0 to 1, weighted as below; the weights are a stated choice.
{%- set statewide = "('us_president', 'us_senate', 'governor')" %}
with

-- Democratic two-party share by precinct, election and statewide office; below fifty votes one is noise.
shares as (
    select
        precinct_id,
        office_code,
        election_date,
        cast(1.0 * sum(case party_code when 'D' then votes else 0 end) / sum(votes) as decimal(12, 9)) as dem_share
    from {{ ref('int_results__certified') }}
    where precinct_id is not null and party_code in ('D', 'R') and office_code in {{ statewide }}
    group by precinct_id, office_code, election_date
    having sum(votes) >= 50
),

ordered as (
    select
        precinct_id,
        office_code,
        election_date,
        dem_share,
        lead(dem_share) over (partition by precinct_id, office_code order by election_date desc) as dem_share_before,
        row_number() over (partition by precinct_id, office_code order by election_date desc) as place
    from shares
),

-- Shifters: how far the same office moved between its last two elections.
elasticity as (
    select
        precinct_id,
        sum(abs(dem_share - dem_share_before)) / count(*) as moved
    from ordered
    where place = 1 and dem_share_before is not null
    group by precinct_id
),

-- Splitters: how far apart two offices were on one ballot, at the newest election that had two.
ballots as (
    select
        precinct_id,
        election_date,
        max(dem_share) - min(dem_share) as apart,
        row_number() over (partition by precinct_id order by election_date desc) as place
    from shares
    group by precinct_id, election_date
    having count(*) >= 2
),

primaries as (
    select
        voter_id,
        max(case party_ballot when 'D' then 1 else 0 end) as took_d,
        max(case party_ballot when 'R' then 1 else 0 end) as took_r
    from {{ ref('int_votes__elections') }}
    where party_ballot in ('D', 'R')
    group by voter_id
),

changed as (
    select distinct voter_id
    from {{ ref('int_voters__changes') }}
    where change_type = 'party_changed'
),

evidence as (
    select
        scores.voter_id as voter_id,
        scores.state as state,
        cast(4 * scores.p_support * (1 - scores.p_support) as decimal(9, 6)) as middle,
        case
            when primaries.took_d = 1 and primaries.took_r = 1 then 1
            when features.party_code = 'D' and primaries.took_r = 1 then 1
            when features.party_code = 'R' and primaries.took_d = 1 then 1
            else 0
        end as crossed,
        case when changed.voter_id is null then 0 else 1 end as changed,
        -- Ten points are as far as most precincts ever move.
        cast(least(coalesce(elasticity.moved, 0) * 10, 1) as decimal(9, 6)) as elastic,
        cast(least(coalesce(ballots.apart, 0) * 10, 1) as decimal(9, 6)) as splitting
    from {{ ref('int_scores__voters') }} as scores
    inner join {{ ref('int_voters__features') }} as features on scores.voter_id = features.voter_id
    left join primaries on scores.voter_id = primaries.voter_id
    left join changed on scores.voter_id = changed.voter_id
    left join elasticity on features.precinct_id = elasticity.precinct_id
    left join ballots on features.precinct_id = ballots.precinct_id and ballots.place = 1
)

select
    voter_id,
    state,
    cast(
        0.55 * middle + 0.15 * crossed + 0.10 * changed + 0.10 * elastic + 0.10 * splitting as decimal(9, 6)
    ) as persuadability,
    'rank' as purpose,
    case when middle >= 0.84 then 'support in the middle; ' else '' end
    || case crossed when 1 then 'took a primary ballot of the other party; ' else '' end
    || case changed when 1 then 'changed party between snapshots; ' else '' end
    || case when elastic >= 0.5 then 'precinct moves between elections; ' else '' end
    || case when splitting >= 0.5 then 'precinct splits its ticket; ' else '' end as evidence
from evidence
