-- Registrations in two states that may be one person who moved: for somebody to look at, never acted upon.
with

people as (
    select
        voters.voter_id,
        voters.state,
        voters.last_name,
        voters.first_root,
        voters.middle_name,
        voters.name_suffix,
        voters.birth_date,
        voters.phone,
        voters.email,
        registered.registration_date
    from {{ ref('int_identity__voters') }} as voters
    inner join {{ ref('int_voters__current') }} as registered on voters.voter_id = registered.voter_id
    where not voters.is_protected
),

-- Born on one day, or one phone or e-mail: a name alone is shared by too many.
matched as (
    select
        one.voter_id as one_id,
        other.voter_id as other_id,
        'birth_date' as evidence
    from people as one
    inner join people as other
        on
            one.birth_date = other.birth_date and one.last_name = other.last_name
            and one.first_root = other.first_root and one.state < other.state
    union all
    select
        one.voter_id as one_id,
        other.voter_id as other_id,
        'phone' as evidence
    from people as one
    inner join people as other
        on
            one.phone = other.phone and one.last_name = other.last_name
            and one.first_root = other.first_root and one.state < other.state
    union all
    select
        one.voter_id as one_id,
        other.voter_id as other_id,
        'email' as evidence
    from people as one
    inner join people as other
        on
            one.email = other.email and one.last_name = other.last_name
            and one.first_root = other.first_root and one.state < other.state
),

pairs as (
    select
        one_id,
        other_id,
        max(case when evidence = 'birth_date' then 1 else 0 end) as same_birth_date,
        max(case when evidence = 'birth_date' then 0 else 1 end) as same_contact
    from matched
    group by one_id, other_id
),

compared as (
    select
        pairs.*,
        one.registration_date as one_date,
        other.registration_date as other_date,
        length(one.middle_name) > 1 and coalesce(one.middle_name = other.middle_name, false) as same_middle_name
    from pairs
    inner join people as one on pairs.one_id = one.voter_id
    inner join people as other on pairs.other_id = other.voter_id
    where
        coalesce(substr(one.middle_name, 1, 1) = substr(other.middle_name, 1, 1), true)
        and coalesce(one.name_suffix = other.name_suffix, true)
)

select
    case when other_date < one_date then other_id else one_id end as earlier_voter_id,
    case when other_date < one_date then one_id else other_id end as later_voter_id,
    same_birth_date = 1 as has_same_birth_date,
    same_contact = 1 as has_same_contact,
    coalesce(same_middle_name, false) as has_same_middle_name
from compared
