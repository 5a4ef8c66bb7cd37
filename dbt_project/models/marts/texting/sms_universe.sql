-- Restricted. One row per person who may be texted: the number to use and what was said before. Nobody who opted out
-- on any number, at any vendor, is in it.
with

numbers as (
    select
        person_id,
        voter_id,
        state,
        contact as phone,
        origin,
        row_number() over (
            partition by person_id
            order by case when origin = 'voter_file' then 1 else 0 end asc, source_id asc, contact asc
        ) as place
    from {{ ref('int_contact__points') }}
    where channel = 'sms' and not is_suppressed and permitted_purposes like '%voter_contact%'
),

talks as (
    select
        person_id,
        cast(count(*) as integer) as conversations,
        max(last_message_at) as last_texted_at,
        max(case when has_replied then 1 else 0 end) = 1 as has_replied,
        max(
            case reply_sentiment
                when 'positive' then 4
                when 'question' then 3
                when 'other' then 2
                when 'negative' then 1
            end
        ) as best_reply
    from {{ ref('sms_conversations') }}
    where person_id is not null
    group by person_id
),

named as (
    select
        person_id,
        {{ joined_text('universe_id') }} as universes
    from {{ ref('universe_members') }}
    where can_sms and purpose = 'voter_contact'
    group by person_id
)

select
    numbers.person_id,
    numbers.voter_id,
    numbers.state,
    numbers.phone,
    numbers.origin,
    -- A number that somebody gave us was given to be used; one on a voter file was given to the state.
    case
        when talks.has_replied then 'answered'
        when numbers.origin <> 'voter_file' then 'given_to_us'
        else 'on_voter_file'
    end as consent_basis,
    named.universes,
    coalesce(talks.conversations, 0) as conversations,
    talks.last_texted_at,
    case talks.best_reply
        when 4 then 'positive'
        when 3 then 'question'
        when 2 then 'other'
        when 1 then 'negative'
        else case when talks.conversations > 0 then 'no_reply' else 'never_texted' end
    end as best_conversation_status,
    campaign.data_as_of,
    campaign.release_id
from numbers
left join talks on numbers.person_id = talks.person_id
left join named on numbers.person_id = named.person_id
cross join {{ source('config', 'campaign') }} as campaign
where numbers.place = 1
