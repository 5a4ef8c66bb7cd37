-- One row per contest: the size of each part of the joint error, and how much experience stands behind it.
{%- set parts = ['national', 'state', 'county', 'precinct'] %}
with fitted as (
    select
        {%- for measure in ['share', 'votes'] %}
        {%- for part in parts %}
        max(case when measure = '{{ measure }}' and part = '{{ part }}' then sd end) as {{ measure }}_{{ part }}_sd,
        max(case when measure = '{{ measure }}' and part = '{{ part }}' then df end) as {{ measure }}_{{ part }}_df,
        {%- endfor %}
        {%- endfor %}
        max(model_version) as error_version
    from {{ source('models', 'projection_errors') }}
),

contests as (
    select
        contest_id,
        case
            when office_code = 'us_president' then 'presidential'
            when district_id is null then 'statewide'
            else 'district'
        end as contest_scope,
        case
            when extract(year from election_date) % 4 = 0 then 'presidential'
            when extract(year from election_date) % 2 = 0 then 'midterm'
            else 'odd'
        end as election_kind
    from {{ ref('int_contests__contests') }}
),

-- What a contest adds of its own: candidates make a share, and a year that elects no president its own turnout.
added as (
    select
        contests.contest_id,
        sizes.measure,
        sizes.sd,
        sizes.df
    from contests
    inner join {{ ref('contest_errors') }} as sizes
        on
            sizes.election_kind in ('any', contests.election_kind)
            and sizes.contest_scope in ('any', contests.contest_scope)
),

own as (
    select
        {%- for measure in ['share', 'votes'] %}
        max(case when measure = '{{ measure }}' then sd end) as {{ measure }}_contest_sd,
        max(case when measure = '{{ measure }}' then df end) as {{ measure }}_contest_df,
        {%- endfor %}
        contest_id
    from added
    group by contest_id
)

select
    contests.contest_id,
    contests.election_kind,
    contests.contest_scope,
    {%- for measure in ['share', 'votes'] %}
    {%- for part in parts %}
    cast(fitted.{{ measure }}_{{ part }}_sd as decimal(9, 6)) as {{ measure }}_{{ part }}_sd,
    cast(fitted.{{ measure }}_{{ part }}_df as decimal(9, 3)) as {{ measure }}_{{ part }}_df,
    {%- endfor %}
    cast(coalesce(own.{{ measure }}_contest_sd, 0) as decimal(9, 6)) as {{ measure }}_contest_sd,
    cast(coalesce(own.{{ measure }}_contest_df, 1) as decimal(9, 3)) as {{ measure }}_contest_df,
    {%- endfor %}
    fitted.error_version
from contests
cross join fitted
left join own on contests.contest_id = own.contest_id
