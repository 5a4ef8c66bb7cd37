-- One row per committee, with the candidate it belongs to, if any.
with

-- The master list names the candidate of a candidate's committee; the linkage adds those of other cycles' forms.
linked as (
    select
        committee_id,
        min(candidate_id) as candidate_id
    from {{ source('accepted', 'fec_linkages') }}
    where designation in ('P', 'A')
    group by committee_id
)

select
    committees.committee_id as committee_id,
    committees.committee_name as committee_name,
    committees.designation as designation,
    committees.committee_type as committee_type,
    committees.party_affiliation as party_affiliation,
    upper(trim(committees.state)) as committee_state,
    coalesce(committees.candidate_id, linked.candidate_id) as candidate_id,
    candidates.candidate_name as candidate_name,
    candidates.office as office,
    candidates.office_state as office_state,
    candidates.office_district as office_district,
    candidates.party_affiliation as candidate_party
from {{ source('accepted', 'fec_committees') }} as committees
left join linked on committees.committee_id = linked.committee_id
left join {{ source('accepted', 'fec_candidates') }} as candidates
    on coalesce(committees.candidate_id, linked.candidate_id) = candidates.candidate_id
