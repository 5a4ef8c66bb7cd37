-- One row per contest and county: organizers and offices worth placing, or none, and why.
-- An organizer is placed where the hours that volunteers leave win votes for less than the cheapest other way
-- would, paid for all his hours whether or not the county has work for them.
{%- set others = ['phone', 'text', 'mail'] %}
with

rules as (
    {{ field_rule_row() }}
),

offices as (
    select
        cast(max(case when measure = 'vote_share_effect' then value end) as double) as vote_share_effect,
        cast(max(case when measure = 'cost_usd' then value end) as double) as office_usd
    from {{ ref('field_offices') }}
),

terms as (
    select
        cast(
            greatest(
                0,
                least(
                    campaign.field_weeks,
                    floor(({{ days_between('campaign.data_as_of', 'campaign.election_date') }} + 6) / 7)
                )
            ) as bigint
        ) as weeks_left,
        campaign.hours_per_staff_week,
        cast(rules.office_min_organizers as bigint) as office_min_organizers,
        cast(rules.organizers_per_office as double) as organizers_per_office,
        cast(rules.max_cost_per_net_vote_usd as double) as max_cost,
        offices.vote_share_effect,
        offices.office_usd
    from {{ source('config', 'campaign') }} as campaign
    cross join rules
    cross join offices
),

-- What a net vote costs by each channel, pool by pool, and an hour of field work.
rates as (
    select
        max(case when channel = 'door' then hour_usd end) as hour_usd,
        max(case when channel = 'phone' and purpose = 'gotv' then cost_per_net_vote_usd end) as gotv_phone_usd,
        max(case when channel = 'phone' and purpose = 'persuasion' then cost_per_net_vote_usd end)
            as persuasion_phone_usd,
        max(case when channel = 'text' and purpose = 'gotv' then cost_per_net_vote_usd end) as gotv_text_usd,
        max(case when channel = 'text' and purpose = 'persuasion' then cost_per_net_vote_usd end)
            as persuasion_text_usd,
        max(case when channel = 'mail' and purpose = 'gotv' then cost_per_net_vote_usd end) as gotv_mail_usd,
        max(case when channel = 'mail' and purpose = 'persuasion' then cost_per_net_vote_usd end)
            as persuasion_mail_usd
    from {{ ref('int_field__rates') }}
),

-- A channel's cost is that of the votes it can be asked for: pools without a rate for it are left out.
costed as (
    select
        needs.*,
        terms.weeks_left,
        terms.office_min_organizers,
        terms.organizers_per_office,
        terms.max_cost,
        terms.office_usd,
        terms.hours_per_staff_week * terms.weeks_left as organizer_hours,
        cast(rates.hour_usd as double) as hour_usd,
        cast(floor(coalesce(capacity.hours_per_week, 0) * terms.weeks_left) as bigint) as volunteer_hours_available,
        cast(floor(terms.vote_share_effect * needs.expected_turnout) as bigint) as office_expected_votes,
        {%- for channel in others %}
        case
            when needs.{{ 'reachable_doors' if channel == 'mail' else 'reachable_phones' }} > 0
                then (
                    needs.goal_from_gotv * cast(coalesce(rates.gotv_{{ channel }}_usd, 0) as double)
                    + needs.goal_from_persuasion * cast(coalesce(rates.persuasion_{{ channel }}_usd, 0) as double)
                ) / nullif(
                    case when rates.gotv_{{ channel }}_usd is null then 0 else needs.goal_from_gotv end
                    + case when rates.persuasion_{{ channel }}_usd is null then 0 else needs.goal_from_persuasion end,
                    0
                )
        end as {{ channel }}_cost{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_field__county_needs') }} as needs
    left join {{ ref('int_field__capacity') }} as capacity
        on needs.county_fips = capacity.county_fips and capacity.channel = 'door'
    cross join terms
    cross join rates
),

compared as (
    select
        *,
        greatest(hours_required - volunteer_hours_available, 0) as hours_for_staff,
        cast(door_votes as double) / nullif(hours_required, 0) as votes_per_hour,
        least(
            coalesce(phone_cost, mail_cost, text_cost),
            coalesce(text_cost, phone_cost, mail_cost),
            coalesce(mail_cost, phone_cost, text_cost)
        ) as other_cost
    from costed
),

limited as (
    select
        *,
        least(coalesce(other_cost, max_cost), max_cost) as cost_limit,
        case other_cost when phone_cost then 'phone' when text_cost then 'text' when mail_cost then 'mail' end
            as other_channel,
        door_votes > 0 and hours_for_staff > 0 and organizer_hours > 0 as has_work
    from compared
),

-- First those with work for the whole programme, then one more if the hours that are left repay him.
whole as (
    select
        *,
        case
            when has_work and hour_usd / votes_per_hour <= cost_limit
                then cast(floor(hours_for_staff / cast(organizer_hours as double)) as bigint)
            else 0
        end as whole_organizers
    from limited
),

staffed as (
    select
        *,
        whole_organizers + case
            when
                has_work
                and hours_for_staff > whole_organizers * organizer_hours
                and organizer_hours * hour_usd
                / ((hours_for_staff - whole_organizers * organizer_hours) * votes_per_hour) <= cost_limit
                then 1
            else 0
        end as organizers
    from whole
),

housed as (
    select
        *,
        case
            when
                organizers >= office_min_organizers
                and office_usd <= cost_limit * office_expected_votes
                and organizers * organizer_hours * hour_usd
                + ceil(organizers / organizers_per_office) * office_usd
                <= cost_limit * least(hours_for_staff, organizers * organizer_hours) * votes_per_hour
                then cast(ceil(organizers / organizers_per_office) as bigint)
            else 0
        end as offices
    from staffed
),

priced as (
    select
        *,
        case
            when has_work
                then
                    (greatest(organizers, 1) * organizer_hours * hour_usd + offices * office_usd)
                    / (least(hours_for_staff, greatest(organizers, 1) * organizer_hours) * votes_per_hour)
        end as staffed_cost,
        case
            when organizers > 0 and offices > 0 then 'open office'
            when organizers > 0 then 'organizer without office'
            when
                weeks_left = 0
                or goal_from_gotv + goal_from_persuasion = 0
                or other_cost is null
                or (door_votes > 0 and hours_for_staff = 0)
                then 'none'
            when other_cost <= max_cost then 'phones/text instead'
            else 'none'
        end as decision
    from housed
)

select
    contest_id,
    county_fips,
    expected_turnout,
    vote_deficit,
    ledger_hours,
    goal_from_gotv,
    goal_from_persuasion,
    pool_people,
    reachable_doors,
    reachable_phones,
    door_votes,
    hours_required,
    weeks_left,
    volunteer_hours_available,
    hours_for_staff,
    cast(organizers as bigint) as organizers,
    cast(offices as bigint) as offices,
    office_expected_votes,
    cast(organizers * organizer_hours * hour_usd + offices * office_usd as decimal(18, 2)) as staff_cost_usd,
    cast(staffed_cost as decimal(18, 2)) as cost_per_net_vote_staffed_usd,
    {%- for channel in others %}
    cast({{ channel }}_cost as decimal(18, 2)) as cost_per_net_vote_{{ channel }}_usd,
    {%- endfor %}
    decision,
    {{ sentence([
        ["decision = 'open office'", [
            "'Volunteers leave '", as_text('hours_for_staff'), "' hours. '", as_text('organizers'),
            "' organizers with an office win a vote for '", dollars('staffed_cost'), "', below the limit of '",
            dollars('cost_limit'), "'; published effects promise '", as_text('office_expected_votes'),
            "' votes of an office here.'",
        ]],
        ["decision = 'organizer without office' and organizers < office_min_organizers", [
            "'Volunteers leave '", as_text('hours_for_staff'), "' hours, work for '", as_text('organizers'), "' at '",
            dollars('staffed_cost'), "' a net vote, below the limit of '", dollars('cost_limit'),
            "'; too few people for an office.'",
        ]],
        ["decision = 'organizer without office'", [
            "'Volunteers leave '", as_text('hours_for_staff'), "' hours, work for '", as_text('organizers'), "' at '",
            dollars('staffed_cost'), "' a net vote; with an office a vote would cost more than '",
            dollars('cost_limit'), "'.'",
        ]],
        ["weeks_left = 0", ["'No week is left before the election.'"]],
        ["goal_from_gotv + goal_from_persuasion = 0", ["'No vote is asked of the pools of this county.'"]],
        ["door_votes > 0 and hours_for_staff = 0", [
            "'Volunteers give '", as_text('volunteer_hours_available'), "' hours until the election, enough for the '",
            as_text('hours_required'), "' that the doors take.'",
        ]],
        ["other_cost is null and has_work", [
            "'An organizer for the '", as_text('hours_for_staff'), "' hours that volunteers leave would cost '",
            dollars('staffed_cost'), "' a net vote, above the limit of '", dollars('cost_limit'),
            "', and there is no other way.'",
        ]],
        ["other_cost is null", ["'Nobody in the pools of this county can be visited, called or written to.'"]],
        ["decision = 'none'", [
            "'The cheapest way, by '", "other_channel", "', costs '", dollars('other_cost'),
            "' a net vote, above the limit of '", dollars('max_cost'), "'.'",
        ]],
        ["not has_work", [
            "'No whole vote can be won at the doors; by '", "other_channel", "' a net vote costs '",
            dollars('other_cost'), "'.'",
        ]],
        ["true", [
            "'An organizer for the '", as_text('hours_for_staff'), "' hours that volunteers leave would cost '",
            dollars('staffed_cost'), "' a net vote; by '", "other_channel", "' it costs '", dollars('other_cost'), "'.'",
        ]],
    ]) }} as reason
from priced
