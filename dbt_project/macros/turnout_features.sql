{# What the turnout scorecard looks at, as bins in text, before the training election or before the coming one.
   The same macro writes both, so that a bin means the same in learning and in use. #}

{# The features of the scorecard, in the order of its card. #}
{% macro turnout_features() -%}
    {{ return([
        'general', 'older', 'primary', 'odd', 'record', 'age', 'tenure', 'party', 'sex', 'race', 'household', 'precinct',
    ]) }}
{%- endmacro %}

{# States whose party on file is the last primary ballot taken. #}
{% macro parties_of_ballots() -%}
    {{ return(['OH']) }}
{%- endmacro %}

{# Weights of a record of voting, newest election first: a general missed weighs as much as one attended, a primary
   or an odd year's election counts only when attended (most people have no cause to go). #}
{% macro record_weights() -%}
    {{ return({
        'general': [1000, 600, 360, 216, 130, 78, 47, 28],
        'primary': [300, 210, 150, 105],
        'odd': [300, 180, 110, 65],
    }) }}
{%- endmacro %}

{# The record as one whole number: past elections, recent ones heaviest. #}
{% macro voting_record(role) -%}
    {%- for kind, weights in record_weights().items() -%}
        {%- set outer = loop -%}
        {%- for weight in weights %}
        {%- if not (outer.first and loop.first) %} + {% endif -%}
        case substr({{ role }}_{{ kind }}_pattern, {{ loop.index }}, 1)
            when '1' then {{ weight }}{% if kind == 'general' %} when '0' then -{{ weight }}{% endif %} else 0
        end
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# `value` in bins with these lower edges: '<first', or the greatest edge not above it. #}
{% macro edges(value, lower_edges) -%}
    case
        when {{ value }} is null then 'unknown'
        {%- for edge in lower_edges | reverse %}
        when {{ value }} >= {{ edge }} then '{{ edge }}'
        {%- endfor %}
        else 'below'
    end
{%- endmacro %}

{% macro turnout_bins(role) -%}
{%- set general = role ~ '_general_pattern' -%}
with

{#- Who registered after the last general is new: learned from those who were new before. #}
voters as (
    select
        features.voter_id as voter_id,
        features.state as state,
        features.precinct_id as precinct_id,
        features.status as status,
        {#- Where the party on file is the last primary ballot, it tells what was done after the training election. #}
        case when features.state in ({{ "'" ~ parties_of_ballots() | join("', '") ~ "'" }}) then 'N' else features.party_code end
            as party_code,
        features.sex as sex,
        features.race_code as race_code,
        features.{{ role }}_age as age,
        features.{{ role }}_known_days as known_days,
        features.{{ general }} as general_pattern,
        features.{{ role }}_primary_pattern as primary_pattern,
        features.{{ role }}_odd_pattern as odd_pattern,
        replace(features.{{ general }}, '.', '') <> '' and features.{{ general }} not like '%0%'
        and features.{{ general }} not like '%1%' as is_new,
        substr(features.{{ general }}, 1, 1) as last_general,
        cast({{ voting_record(role) }} as integer) as record,
        features.is_in_training as is_in_training,
        features.voted_in_training as voted_in_training
    from {{ ref('int_voters__features') }} as features
    {%- if role == 'training' %}
    where features.is_in_training and coalesce(features.training_age >= 18, true)
    {%- endif %}
),

lived as (
    select
        voters.voter_id as voter_id,
        households.household_id as household_id,
        voters.record as record
    from voters
    inner join {{ ref('int_voters__households') }} as households on voters.voter_id = households.voter_id
    where not voters.is_new
),

households as (
    select
        household_id,
        cast(count(*) as integer) as members,
        cast(sum(record) as integer) as record
    from lived
    group by household_id
),

members as (
    select
        own.voter_id as voter_id,
        -- Of those lived with, oneself left out.
        households.members - case when lived.voter_id is null then 0 else 1 end as others,
        households.record - coalesce(lived.record, 0) as others_record
    from {{ ref('int_voters__households') }} as own
    inner join households on own.household_id = households.household_id
    left join lived on own.voter_id = lived.voter_id
),

{#- How the precinct voted at the last general, against its state; fifty people of the state are added to each. #}
precincts as (
    select
        state,
        precinct_id,
        count(*) as voters,
        sum(case last_general when '1' then 1 else 0 end) as votes
    from voters
    where last_general in ('0', '1')
    group by state, precinct_id
),

states as (
    select
        state,
        sum(voters) as voters,
        sum(votes) as votes
    from precincts
    group by state
),

around as (
    select
        precincts.precinct_id as precinct_id,
        -- In thousandths above or below the state.
        1000 * (precincts.votes + 50.0 * states.votes / states.voters) / (precincts.voters + 50)
        - 1000.0 * states.votes / states.voters as above
    from precincts
    inner join states on precincts.state = states.state
)

select
    voters.voter_id as voter_id,
    voters.state as state,
    -- Silent people are inactive for their silence, which the record tells; whoever voted lately has moved.
    voters.status || case when substr(voters.general_pattern, 1, 2) like '%1%' then ' since voting' else '' end as status,
    voters.is_new as is_new,
    substr(voters.general_pattern, 1, 4) as general,
    length(replace(replace(replace(substr(voters.general_pattern, 5), '0', ''), 'x', ''), '.', ''))
    || ' of ' || length(replace(replace(substr(voters.general_pattern, 5), 'x', ''), '.', '')) as older,
    voters.primary_pattern as "primary",
    voters.odd_pattern as odd,
    case when voters.is_new then 'new' else cast(cast(floor(voters.record / 200.0) as integer) as varchar) end as record,
    case when voters.is_new then 'new ' else '' end
    || {{ edges('voters.age', [18, 19, 20, 22, 25, 28, 32, 36, 40, 45, 50, 55, 60, 65, 70, 75, 80, 84, 88, 92, 96]) }} as age,
    case when voters.is_new then 'new ' else '' end
    || {{ edges('voters.known_days', [0, 60, 150, 300, 450, 600, 730, 1000, 1460, 2190, 2920, 4380, 7300]) }} as tenure,
    case when voters.is_new then 'new ' else '' end || voters.party_code as party,
    voters.sex as sex,
    coalesce(voters.race_code, 'U') as race,
    case
        when members.others is null then 'alone'
        when members.others = 0 then 'no record'
        else case when voters.is_new then 'new ' else '' end
            || {{ edges('members.others_record * 1.0 / members.others', [-1800, -1200, -600, 0, 600, 1200, 1800, 2400]) }}
    end as household,
    {{ edges('around.above', [-150, -90, -50, -20, 0, 20, 50, 90, 150]) }} as precinct
    {%- if role == 'training' %},
    voters.voted_in_training as voted
    {%- endif %}
from voters
left join members on voters.voter_id = members.voter_id
left join around on voters.precinct_id = around.precinct_id
{%- endmacro %}

{# The points of a scorecard: joins to its lookup table, one for each feature (`people`: alias of the features). #}
{% macro join_points(points, people, prefix, features) -%}
    {%- for feature in features %}
left join {{ points }} as {{ prefix }}_{{ feature }}
    on
        {{ people }}.state = {{ prefix }}_{{ feature }}.state
        and {{ prefix }}_{{ feature }}.feature = '{{ feature }}'
        and {{ people }}."{{ feature }}" = {{ prefix }}_{{ feature }}.bin
    {%- endfor %}
{%- endmacro %}

{# Their sum; a bin that nobody was in when the scorecard was learned adds nothing. #}
{% macro sum_points(prefix, features) -%}
    {%- for feature in features %}
    {%- if not loop.first %} + {% endif %}coalesce({{ prefix }}_{{ feature }}.points, 0)
    {%- endfor -%}
{%- endmacro %}

{# The share whose log odds these are, times `share`, within the bounds, six decimals. #}
{% macro probability(log_odds, floor, ceiling, share='1') -%}
    cast(round(least(greatest(
        {{ share }} / (1 + exp(-cast({{ log_odds }} as double))), {{ floor }}), {{ ceiling }}), 6) as decimal(9, 6))
{%- endmacro %}
