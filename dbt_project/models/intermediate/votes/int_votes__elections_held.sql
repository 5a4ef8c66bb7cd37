-- Which elections the delivered history knows. A handful of stray rows is not an election: it needs
-- at least one vote in two hundred of the state's largest.
with

counted as (
    select
        state,
        election_date,
        election_type,
        cast(count(*) as bigint) as votes
    from {{ ref('int_votes__elections') }}
    group by state, election_date, election_type
),

largest as (
    select
        state,
        max(votes) as most_votes
    from counted
    group by state
)

select
    counted.state as state,
    counted.election_date as election_date,
    counted.election_type as election_type,
    counted.votes as votes,
    counted.votes * 200 >= largest.most_votes as is_known
from counted
inner join largest on counted.state = largest.state
