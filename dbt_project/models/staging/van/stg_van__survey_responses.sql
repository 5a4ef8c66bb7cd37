-- One row per answer to a survey question, with the words and the points of question and answer.
with

given_answers as (
    select newest.*
    from
        {{ newest_by_key(
            source('accepted', 'van_survey_responses'), ['statecode', 'side', 'contactssurveyresponseid']) }} as newest
),

questions as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_survey_questions'), ['statecode', 'surveyquestionid']) }} as newest
),

answers as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_survey_answers'), ['statecode', 'surveyresponseid']) }} as newest
),

contact_types as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_contact_types'), ['statecode', 'contacttypeid']) }} as newest
)

select
    given_answers.statecode || '-' || given_answers.side || '-' || given_answers.contactssurveyresponseid
        as response_id,
    {{ van_record_id('given_answers.statecode', 'given_answers.side', 'given_answers.vanid') }} as record_id,
    given_answers.statecode as state,
    {{ van_channel("coalesce(contact_types.contacttypename, '')") }} as channel,
    questions.surveyquestionname as question,
    answers.surveyresponsename as answer,
    {{ try_cast('answers.dempoints', 'decimal(9, 2)') }} as dem_points,
    {{ try_cast('answers.reppoints', 'decimal(9, 2)') }} as rep_points,
    {{ van_utc('given_answers.datecanvassed') }} as asked_at,
    cast({{ as_time('given_answers.datecanvassed') }} as date) as asked_date
from given_answers
left join questions
    on
        given_answers.statecode = questions.statecode
        and given_answers.surveyquestionid = questions.surveyquestionid
left join answers
    on
        given_answers.statecode = answers.statecode
        and given_answers.surveyresponseid = answers.surveyresponseid
left join contact_types
    on
        given_answers.statecode = contact_types.statecode
        and given_answers.contacttypeid = contact_types.contacttypeid
