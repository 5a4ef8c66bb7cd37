-- One row per answer to a question about support, by whichever tool it was taken, told from the side of the
-- campaign's party. Before anybody is linked: the fit of the support score learns from these.
with

messages as (
    {{ of_texting_vendors('messages') }}
),

conversations as (
    {{ of_texting_vendors('conversations') }}
),

-- A survey of a texting tool carries no time of its own: it was filled in when the person had last written.
last_words as (
    select
        vendor,
        conversation_id,
        max(sent_at) as asked_at
    from messages
    where is_inbound
    group by vendor, conversation_id
),

-- Texting tools ask about the campaign itself, so 1 is for us whichever party we are.
texted as (
    select
        conversations.vendor || ':' || conversations.conversation_id as answer_id,
        conversations.record_id,
        conversations.vendor as source,
        cast('text' as varchar) as channel,
        cast('support' as varchar) as question,
        conversations.support_answer as support_answer,
        last_words.asked_at
    from conversations
    inner join last_words
        on
            conversations.vendor = last_words.vendor
            and conversations.conversation_id = last_words.conversation_id
    where conversations.support_answer is not null
),

-- The points of an answer say for whom it is; a question without points is read by the number its answer begins with.
canvassed as (
    select
        responses.response_id,
        responses.record_id,
        responses.channel,
        responses.question,
        responses.asked_at,
        case campaign.party_code
            when 'D' then responses.dem_points / nullif(responses.dem_points + responses.rep_points, 0)
            when 'R' then responses.rep_points / nullif(responses.dem_points + responses.rep_points, 0)
        end as share_for,
        {{ to_integer(extract_first('responses.answer', '^ *([1-5])')) }} as written_answer
    from {{ ref('stg_van__survey_responses') }} as responses
    inner join {{ source('config', 'support_questions') }} as questions on responses.question = questions.question
    cross join {{ source('config', 'campaign') }} as campaign
),

answers as (
    select
        'van:' || response_id as answer_id,
        record_id,
        cast('van' as varchar) as source,
        channel,
        question,
        cast(coalesce(1 + {{ round_half_up('4 * (1 - share_for)') }}, written_answer) as integer) as support_answer,
        asked_at
    from canvassed
    union all
    select
        answer_id,
        record_id,
        source,
        channel,
        question,
        support_answer,
        asked_at
    from texted
)

select
    answer_id,
    record_id,
    source,
    channel,
    question,
    support_answer,
    asked_at,
    cast({{ zone_from_utc('asked_at', "'America/New_York'") }} as date) as asked_date
from answers
where support_answer between 1 and 5 and asked_at is not null
