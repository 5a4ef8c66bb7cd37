-- Support is scored for the campaign's party; a contest fought for another one would count the wrong votes.
select contests.contest_id
from {{ ref('int_contests__contests') }} as contests
cross join {{ source('config', 'campaign') }} as campaign
where contests.party_code <> campaign.party_code
