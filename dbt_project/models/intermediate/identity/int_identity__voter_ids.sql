-- The id of every registered voter as a person. Made here once: two hashes a voter are dearer than a join.
select
    voters.voter_id,
    {{ person_key("'voter:' || voters.voter_id") }} as person_id
from {{ ref('int_voters__current') }} as voters
