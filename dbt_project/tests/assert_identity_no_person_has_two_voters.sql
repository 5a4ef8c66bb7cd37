-- Two voters under one person would add their votes, gifts and refusals together.
select person_id
from {{ ref('int_identity__links') }}
group by person_id
having
    count(distinct voter_id) > 1
    or max(case when voter_id is not null and voter_id <> person_id then 1 else 0 end) = 1
    or count(distinct case when voter_id is null then 'none' else 'voter' end) > 1
