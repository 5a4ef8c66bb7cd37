-- One row per voter: the newest answer to a question about support, told from the side of the campaign's party.
with

-- The points of an answer say for whom it is; a question without points is read by the number its answer begins with.
answers as (
    select
        links.voter_id,
        responses.response_id,
        responses.channel,
        responses.question,
        responses.asked_at,
        responses.asked_date,
        case campaign.party_code
            when 'D' then responses.dem_points / nullif(responses.dem_points + responses.rep_points, 0)
            when 'R' then responses.rep_points / nullif(responses.dem_points + responses.rep_points, 0)
        end as share_for,
        {{ to_integer(extract_first('responses.answer', '^ *([1-5])')) }} as written_answer
    from {{ ref('stg_van__survey_responses') }} as responses
    inner join {{ source('config', 'support_questions') }} as questions on responses.question = questions.question
    inner join {{ ref('int_identity__links') }} as links on responses.record_id = links.record_id
    cross join {{ source('config', 'campaign') }} as campaign
    where links.voter_id is not null
),

scaled as (
    select
        *,
        cast(coalesce(1 + {{ round_half_up('4 * (1 - share_for)') }}, written_answer) as integer) as support_answer
    from answers
),

ranked as (
    select
        *,
        row_number() over (
            partition by voter_id order by asked_at desc nulls last, response_id desc nulls last
        ) as place
    from scaled
    where support_answer is not null
)

select
    voter_id,
    support_answer,
    case when support_answer <= 2 then 'for' when support_answer = 3 then 'undecided' else 'against' end as stance,
    cast('van' as varchar) as source,
    channel,
    question,
    asked_at,
    asked_date
from ranked
where place = 1
