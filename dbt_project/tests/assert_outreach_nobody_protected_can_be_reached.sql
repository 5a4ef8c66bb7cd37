-- Whoever the state guards has no contact, whichever feed brought one, and no channel of a universe is open to them.
with

guarded as (
    select voter_id
    from {{ ref('int_voters__current') }}
    where is_protected
)

select
    points.person_id,
    points.channel
from {{ ref('int_contact__points') }} as points
inner join guarded on points.voter_id = guarded.voter_id
union all
select
    members.person_id,
    members.universe_id as channel
from {{ ref('universe_members') }} as members
inner join guarded on members.voter_id = guarded.voter_id
where
    members.can_sms or members.can_phone or members.can_email or members.can_mail or members.can_walk
    or members.can_digital
