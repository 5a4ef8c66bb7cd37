-- For every election held, the bits its votes set (macros/pattern.sql).
with

bits as (
    select
        state,
        kind,
        election_year,
        election_date,
        cast(case
            {%- for role, kind, position in looked_at() %}
            when role = '{{ role }}' and kind = '{{ kind }}' and position = {{ position }}
                then {{ pattern_bit(role, kind, position) }}
            {%- endfor %}
        end as bigint) as bit
    from {{ ref('int_votes__pattern_elections') }}
    union all
    select distinct
        state,
        'general' as kind,
        cast(extract(year from election_date) as integer) as election_year,
        election_date,
        case purpose
            when 'turnout' then {{ pattern_bit('training', 'target', 1) }}
            else {{ pattern_bit('support', 'target', 1) }}
        end as bit
    from {{ source('config', 'comparable_elections') }}
    where purpose in ('turnout', 'support')
),

-- Only the newest comparable election of each purpose is trained on.
newest as (
    select
        state,
        kind,
        election_year,
        election_date,
        bit,
        case
            when bit < {{ pattern_bit('training', 'target', 1) }} then 1
            else row_number() over (partition by state, bit order by election_date desc nulls last)
        end as choice
    from bits
)

select
    held.state as state,
    held.election_date as election_date,
    held.election_type as election_type,
    cast({{ combine_bits('newest.bit') }} as bigint) as votes_mask
from {{ ref('int_votes__elections_held') }} as held
inner join newest
    on
        held.state = newest.state
        and (
            (newest.kind = 'general' and held.election_type = 'general' and held.election_date = newest.election_date)
            or (
                newest.kind = 'odd'
                and held.election_type in ('general', 'municipal')
                and held.election_date = newest.election_date
            )
            or (
                newest.kind = 'primary'
                and held.election_type in ('primary', 'presidential_primary')
                and extract(year from held.election_date) = newest.election_year
            )
        )
where newest.choice = 1
group by held.state, held.election_date, held.election_type
