-- Goals are decided at the split and added up. A voter in no split is missing from every district, and one in
-- two is counted twice; field teams would work to numbers that do not add to the contest's.
with

per_split as (
    select
        split_id,
        count(*) as split_rows
    from {{ ref('int_geography__splits') }}
    group by split_id
)

select
    people.voter_id,
    coalesce(per_split.split_rows, 0) as split_rows
from {{ ref('int_voters__current') }} as people
left join per_split on people.split_id = per_split.split_id
where coalesce(per_split.split_rows, 0) <> 1
