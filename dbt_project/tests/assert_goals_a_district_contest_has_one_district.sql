-- A district's seat is broken down over its own district and no other of its kind.
select goals.contest_id
from {{ ref('district_vote_goals') }} as goals
inner join {{ ref('int_contests__contests') }} as contests on goals.contest_id = contests.contest_id
where goals.geography_type = contests.district_type and goals.geography_id <> contests.district_id
