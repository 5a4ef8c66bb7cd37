-- Published results hold the votes of the certified ones, no more and no fewer.
with published as (
    select coalesce(sum(votes), 0) as votes
    from {{ ref('certified_results') }}
),

certified as (
    select coalesce(sum(votes), 0) as votes
    from {{ ref('int_results__certified') }}
)

select
    published.votes as published_votes,
    certified.votes as certified_votes
from published
cross join certified
where published.votes <> certified.votes
