-- Two voters under one person would add their votes, gifts and refusals together; one voter under two people would be
-- approached twice.
select person_id as id
from {{ ref('int_identity__links') }}
group by person_id
having
    count(distinct voter_id) > 1
    or count(distinct case when voter_id is null then 'none' else 'voter' end) > 1
union all
select links.voter_id as id
from {{ ref('int_identity__links') }} as links
left join {{ ref('int_identity__voter_ids') }} as ids on links.voter_id = ids.voter_id
where links.voter_id is not null and (ids.person_id is null or ids.person_id <> links.person_id)
