-- Which person, and which voter if any, each record of the campaign's own feeds is.
select
    links.record_id,
    records.source,
    records.source_person_id,
    {{ person_key('links.native_id') }} as person_id,
    links.voter_id,
    links.candidate_voter_id,
    links.match_kind,
    links.match_probability,
    links.needs_review,
    records.first_seen_date,
    links.model_version
from {{ source('models', 'identity_links') }} as links
inner join {{ ref('int_identity__records') }} as records on links.record_id = records.record_id
