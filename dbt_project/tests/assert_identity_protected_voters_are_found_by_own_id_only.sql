-- A link guessed from a name or an address would bring a protected voter the contact data of a feed.
select links.voter_id
from {{ ref('int_identity__links') }} as links
inner join {{ ref('int_voters__current') }} as voters on links.voter_id = voters.voter_id
where voters.is_protected and links.match_kind <> 'own_id'
union all
select voter_id
from {{ ref('int_identity__voters') }}
where is_protected and coalesce(house_number, street, unit, city, zip5, email, phone) is not null
union all
select protected.voter_id
from {{ ref('int_identity__households') }} as protected
inner join {{ ref('int_voters__current') }} as voters on protected.voter_id = voters.voter_id
where voters.is_protected and protected.household_size > 1
