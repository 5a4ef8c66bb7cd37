-- Written from universes.yaml by `python -m orchestration.contracts.derive`; do not edit.
with

thresholds as (
    select
        max(case when name = 'crossover_support_min' then value end) as crossover_support_min,
        max(case when name = 'gotv_support_min' then value end) as gotv_support_min,
        max(case when name = 'gotv_turnout_max' then value end) as gotv_turnout_max,
        max(case when name = 'gotv_turnout_min' then value end) as gotv_turnout_min,
        max(case when name = 'persuasion_support_max' then value end) as persuasion_support_max,
        max(case when name = 'persuasion_support_min' then value end) as persuasion_support_min,
        max(case when name = 'persuasion_turnout_min' then value end) as persuasion_turnout_min
    from {{ source('config', 'thresholds') }}
),

contact_points_of_person as (
    select
        facts.person_id as fact_key,
        max(case when facts.source_id in ('actblue', 'winred') then 1 else 0 end) = 1 as has_given,
        max(case when facts.source_id = 'mobilize' then 1 else 0 end) = 1 as signed_up,
        max(case when facts.source_id = 'mailchimp' then 1 else 0 end) = 1 as on_our_list,
        max(case when facts.voter_id is null then 1 else 0 end) = 1 as not_on_file
    from {{ ref('contact_points') }} as facts
    where facts.person_id is not null
    group by facts.person_id
),

voter_scores_of_voter as (
    select
        facts.voter_id as fact_key,
        coalesce(facts.is_active, false) as is_active,
        coalesce(not facts.is_active, false) as is_inactive,
        coalesce(facts.sex = 'F', false) as is_woman,
        coalesce(facts.p_support >= thresholds.gotv_support_min, false) as supports_us,
        coalesce(facts.p_support >= 0.5, false) as leans_our_way,
        coalesce(facts.p_turnout >= thresholds.gotv_turnout_min, false) as might_vote,
        coalesce(facts.p_turnout < thresholds.gotv_turnout_max, false) as might_stay_home,
        coalesce(facts.p_turnout >= thresholds.persuasion_turnout_min, false) as likely_voter,
        coalesce(facts.p_support >= thresholds.persuasion_support_min, false) as not_against_us,
        coalesce(facts.p_support <= thresholds.persuasion_support_max, false) as not_yet_ours,
        coalesce(facts.is_other_party_behaviour, false) as other_party,
        coalesce(facts.p_support >= thresholds.crossover_support_min, false) as can_be_won
    from {{ ref('voter_scores') }} as facts
    cross join thresholds
),

met as (
    select
        people.person_id,
        people.voter_id,
        people.household_id,
        people.state,
        people.county_fips,
        people.split_id,
        coalesce(contact_points_of_person.has_given, false) as has_given,
        coalesce(contact_points_of_person.signed_up, false) as signed_up,
        coalesce(contact_points_of_person.on_our_list, false) as on_our_list,
        coalesce(contact_points_of_person.not_on_file, false) as not_on_file,
        coalesce(voter_scores_of_voter.is_active, false) as is_active,
        coalesce(voter_scores_of_voter.is_inactive, false) as is_inactive,
        coalesce(voter_scores_of_voter.is_woman, false) as is_woman,
        coalesce(voter_scores_of_voter.supports_us, false) as supports_us,
        coalesce(voter_scores_of_voter.leans_our_way, false) as leans_our_way,
        coalesce(voter_scores_of_voter.might_vote, false) as might_vote,
        coalesce(voter_scores_of_voter.might_stay_home, false) as might_stay_home,
        coalesce(voter_scores_of_voter.likely_voter, false) as likely_voter,
        coalesce(voter_scores_of_voter.not_against_us, false) as not_against_us,
        coalesce(voter_scores_of_voter.not_yet_ours, false) as not_yet_ours,
        coalesce(voter_scores_of_voter.other_party, false) as other_party,
        coalesce(voter_scores_of_voter.can_be_won, false) as can_be_won
    from {{ ref('int_universes__people') }} as people
    left join contact_points_of_person on people.person_id = contact_points_of_person.fact_key
    left join voter_scores_of_voter on people.voter_id = voter_scores_of_voter.fact_key
),

members as (
    select
        cast('gotv' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                'active registration' || '; '
                || 'likely supporter' || '; '
                || 'not out of reach' || '; '
                || 'may stay at home' || '; ',
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        is_active
        and supports_us
        and might_vote
        and might_stay_home
    union all
    select
        cast('persuasion' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                'active registration' || '; '
                || 'likely voter' || '; '
                || 'support not below the middle' || '; '
                || 'support not above the middle' || '; ',
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        is_active
        and likely_voter
        and not_against_us
        and not_yet_ours
    union all
    select
        cast('crossover' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                'active registration' || '; '
                || 'likely voter' || '; '
                || 'support not above the middle' || '; '
                || 'registers or votes primaries with the other party' || '; '
                || 'can be won over' || '; ',
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        is_active
        and likely_voter
        and not_yet_ours
        and other_party
        and can_be_won
    union all
    select
        cast('women_in_the_middle' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                'active registration' || '; '
                || 'a woman by the file' || '; '
                || 'likely voter' || '; '
                || 'support not below the middle' || '; '
                || 'support not above the middle' || '; ',
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        is_active
        and is_woman
        and likely_voter
        and not_against_us
        and not_yet_ours
    union all
    select
        cast('registration' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                case when is_inactive then 'registration inactive' || '; ' else '' end
                || case when leans_our_way then 'support at least even' || '; ' else '' end
                || case when not_on_file then 'on no voter file' || '; ' else '' end,
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        ((is_inactive and leans_our_way) or not_on_file)
    union all
    select
        cast('volunteer_prospects' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                case when has_given then 'gave to us' || '; ' else '' end
                || case when on_our_list then 'on our e-mail list' || '; ' else '' end
                || case when signed_up then 'signed up for an event' || '; ' else '' end,
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        (has_given or on_our_list)
        and not (signed_up)
    union all
    select
        cast('donor_prospects' as varchar) as universe_id,
        person_id,
        voter_id,
        household_id,
        state,
        county_fips,
        split_id,
        cast(
            rtrim(
                case when signed_up then 'signed up for an event' || '; ' else '' end
                || case when on_our_list then 'on our e-mail list' || '; ' else '' end
                || case when has_given then 'gave to us' || '; ' else '' end,
                '; '
            ) as varchar
        ) as conditions_met
    from met
    where
        (signed_up or on_our_list)
        and not (has_given)
)

select
    universe_id,
    person_id,
    voter_id,
    household_id,
    state,
    county_fips,
    split_id,
    conditions_met
from members
