-- The people who can be contacted are exactly the people who are scored.
select coalesce(people.voter_id, scores.voter_id) as voter_id
from {{ ref('voters_people') }} as people
full outer join {{ ref('voter_scores') }} as scores on people.voter_id = scores.voter_id
where people.voter_id is null or scores.voter_id is null
