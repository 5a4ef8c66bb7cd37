-- One row per contest and area: 80 % bands of turnout, share, base vote and deficit, and the chance to win.
with areas as (
    select
        split_id,
        geography_type,
        geography_id
    from {{ ref('int_goals__split_geographies') }}
    union all
    select distinct
        split_id,
        cast('contest' as varchar) as geography_type,
        cast(null as varchar) as geography_id
    from {{ ref('int_goals__split_geographies') }}
),

atoms as (
    select
        splits.contest_id,
        areas.geography_type,
        coalesce(areas.geography_id, splits.contest_id) as geography_id,
        places.county_fips,
        places.precinct_id,
        splits.registered + splits.registered_inactive as on_file,
        splits.expected_turnout,
        splits.expected_support,
        splits.base_vote,
        splits.win_number,
        splits.vote_goal
    from {{ ref('int_goals__contest_splits') }} as splits
    inner join areas on splits.split_id = areas.split_id
    inner join {{ ref('int_geography__splits') }} as places on splits.split_id = places.split_id
),

precincts as (
    select
        contest_id,
        geography_type,
        geography_id,
        county_fips,
        precinct_id,
        sum(on_file) as on_file,
        sum(expected_turnout) as expected_turnout,
        sum(expected_support) as expected_support,
        sum(base_vote) as base_vote,
        sum(win_number) as win_number,
        sum(vote_goal) as vote_goal
    from atoms
    group by contest_id, geography_type, geography_id, county_fips, precinct_id
),

counties as (
    select
        contest_id,
        geography_type,
        geography_id,
        county_fips,
        sum(on_file) as on_file,
        sum(expected_turnout) as expected_turnout,
        sum(expected_turnout * expected_turnout) as precinct_squares,
        sum(expected_support) as expected_support,
        sum(base_vote) as base_vote,
        sum(win_number) as win_number,
        sum(vote_goal) as vote_goal
    from precincts
    group by contest_id, geography_type, geography_id, county_fips
),

sums as (
    select
        contest_id,
        geography_type,
        geography_id,
        cast(sum(on_file) as bigint) as on_file,
        cast(sum(expected_turnout) as bigint) as expected_turnout,
        cast(sum(expected_support) as bigint) as expected_support,
        cast(sum(base_vote) as bigint) as base_vote,
        cast(sum(win_number) as bigint) as win_number,
        cast(sum(vote_goal) as bigint) as vote_goal,
        cast(sum(expected_turnout * expected_turnout) as double) as county_squares,
        cast(sum(precinct_squares) as double) as precinct_squares
    from counties
    group by contest_id, geography_type, geography_id
),

-- Turnout of nothing has no band. A share of all or nothing is as certain as one vote makes it.
measured as (
    select
        sums.*,
        contests.candidates,
        sums.county_squares / power(sums.expected_turnout, 2) as county_concentration,
        sums.precinct_squares / power(sums.expected_turnout, 2) as precinct_concentration,
        {{ within_bounds('cast(sums.expected_support as double) / sums.expected_turnout') }} as support_share,
        {{ within_bounds('cast(sums.win_number as double) / sums.expected_turnout') }} as needed_share,
        {%- for measure in ['share', 'votes'] %}
        {%- for part in ['national', 'state', 'contest', 'county', 'precinct'] %}
        cast(sizes.{{ measure }}_{{ part }}_sd as double) as {{ measure }}_{{ part }}_sd,
        cast(sizes.{{ measure }}_{{ part }}_df as double) as {{ measure }}_{{ part }}_df,
        {%- endfor %}
        {%- endfor %}
        sizes.error_version
    from sums
    inner join {{ ref('int_goals__error_sizes') }} as sizes on sums.contest_id = sizes.contest_id
    inner join {{ ref('int_contests__contests') }} as contests on sums.contest_id = contests.contest_id
    where sums.expected_turnout > 0
),

varied as (
    select
        *,
        {{ error_variance('votes', '1.0 / expected_turnout') }} as votes_variance,
        {{ error_variance_over_df('votes') }} as votes_certainty,
        {{ error_variance('share', '1.0 / (expected_turnout * support_share * (1 - support_share))') }}
            as share_variance,
        {{ error_variance_over_df('share') }} as share_certainty,
        -- How the deficit and the base vote answer to the two errors: a larger turnout raises goal and base alike.
        cast(vote_goal - base_vote as double) as deficit_by_votes,
        base_vote * (1 - support_share) as deficit_by_share
    from measured
),

combined as (
    select
        *,
        votes_variance + power(1 - support_share, 2) * share_variance as base_variance,
        votes_certainty + power(1 - support_share, 4) * share_certainty as base_certainty,
        power(deficit_by_votes, 2) * votes_variance + power(deficit_by_share, 2) * share_variance as deficit_variance,
        power(deficit_by_votes, 4) * votes_certainty + power(deficit_by_share, 4) * share_certainty
            as deficit_certainty
    from varied
),

-- Degrees of freedom of the whole error; a line that cannot move (no base vote, no deficit) has no error to judge.
experienced as (
    select
        {%- for line in ['votes', 'share', 'base', 'deficit'] %}
        greatest(2, coalesce(power({{ line }}_variance, 2) / nullif({{ line }}_certainty, 0), 1e6)) as {{ line }}_df,
        {%- endfor %}
        *
    from combined
),

halves as (
    select
        *,
        {%- for line in ['votes', 'share', 'base', 'deficit'] %}
        {{ t_quantile(band_z(), line ~ '_df') }} * sqrt({{ line }}_variance) as {{ line }}_half,
        {%- endfor %}
        ln(support_share / (1 - support_share)) as support_odds,
        ln(needed_share / (1 - needed_share)) as needed_odds
    from experienced
),

scaled as (
    select
        *,
        (support_odds - needed_odds) / sqrt(share_variance) as lead
    from halves
)

select
    contest_id,
    geography_type,
    geography_id,
    cast(floor(expected_turnout * exp(-votes_half)) as bigint) as expected_turnout_low,
    -- Nobody votes who is not on the file; who registers until election day is the registration pool's.
    cast(greatest(expected_turnout, least(on_file, ceil(expected_turnout * exp(votes_half)))) as bigint)
        as expected_turnout_high,
    cast(support_share as decimal(9, 6)) as expected_share,
    cast(1 / (1 + exp(share_half - support_odds)) as decimal(9, 6)) as expected_share_low,
    cast(1 / (1 + exp(-share_half - support_odds)) as decimal(9, 6)) as expected_share_high,
    cast(floor(base_vote * exp(-base_half)) as bigint) as base_vote_low,
    cast(ceil(base_vote * exp(base_half)) as bigint) as base_vote_high,
    cast(floor(vote_goal - base_vote - deficit_half) as bigint) as vote_deficit_low,
    cast(ceil(vote_goal - base_vote + deficit_half) as bigint) as vote_deficit_high,
    cast(case when candidates = 1 then 1 else {{ t_probability('lead', 'share_df') }} end as decimal(9, 6))
        as win_probability,
    error_version
from scaled
