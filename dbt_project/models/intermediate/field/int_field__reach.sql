-- One row per precinct split: how many of each pool can be visited, and how many can be called.
with

thresholds as (
    select
        {% for threshold in goals_thresholds() -%}
        max(case when name = '{{ threshold }}' then value end) as {{ threshold }},
        {% endfor -%}
        count(*) as threshold_count
    from {{ source('config', 'thresholds') }}
),

opted_out as (
    select distinct contact
    from {{ ref('int_contact__opt_outs') }}
    where channel in ('phone', 'all')
),

ways as (
    select
        people.voter_id,
        -- Nobody lives in a post office box.
        people.residence_address is not null
        and not {{ matches('upper(people.residence_address)', '^P[. ]*O[. ]*BOX') }} as has_door,
        people.phone is not null and opted_out.contact is null as has_phone
    from {{ ref('int_voters__people') }} as people
    left join opted_out on {{ phone_e164('people.phone') }} = opted_out.contact
    where not people.is_protected
),

pools as (
    select
        voters.split_id,
        coalesce(ways.has_door, false) as has_door,
        coalesce(ways.has_phone, false) as has_phone,
        {{ in_pool('gotv', 'voters', 'thresholds') }} as is_gotv,
        {{ in_pool('persuasion', 'voters', 'thresholds') }} as is_persuasion
    from {{ ref('int_scores__voters') }} as voters
    left join ways on voters.voter_id = ways.voter_id
    cross join thresholds
)

select
    split_id,
    {%- for purpose in field_purposes() %}
    cast(sum(case when is_{{ purpose }} then 1 else 0 end) as bigint) as {{ purpose }}_people,
    cast(sum(case when is_{{ purpose }} and has_door then 1 else 0 end) as bigint) as {{ purpose }}_doors,
    cast(sum(case when is_{{ purpose }} and has_phone then 1 else 0 end) as bigint) as {{ purpose }}_phones
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from pools
group by split_id
