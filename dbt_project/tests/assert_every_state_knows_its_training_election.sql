-- A state whose history lacks the election that turnout is learned from would get a turnout of zero for
-- everybody, and goals of nothing. Its history file is missing, or names the election in another way.
with

trained_states as (
    select
        state,
        max(election_date) as election_date
    from {{ source('config', 'comparable_elections') }}
    where purpose = 'turnout'
    group by state
),

registered_states as (
    select distinct state
    from {{ ref('int_voters__current') }}
)

select
    trained_states.state,
    trained_states.election_date
from trained_states
inner join registered_states on trained_states.state = registered_states.state
left join {{ ref('int_votes__elections_held') }} as held
    on
        trained_states.state = held.state
        and trained_states.election_date = held.election_date
        and held.election_type = 'general'
        and held.is_known
where held.state is null
