-- One row per voter: the newest answer to a question about support, told from the side of the campaign's party.
with

ranked as (
    select
        links.voter_id,
        answers.support_answer,
        answers.source,
        answers.channel,
        answers.question,
        answers.asked_at,
        answers.asked_date,
        row_number() over (partition by links.voter_id order by answers.asked_at desc, answers.answer_id desc) as place
    from {{ ref('int_contact__support_answers') }} as answers
    inner join {{ ref('int_identity__links') }} as links on answers.record_id = links.record_id
    where links.voter_id is not null
)

select
    voter_id,
    support_answer,
    case when support_answer <= 2 then 'for' when support_answer = 3 then 'undecided' else 'against' end as stance,
    source,
    channel,
    question,
    asked_at,
    asked_date
from ranked
where place = 1
