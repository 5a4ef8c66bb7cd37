"""The query of the judgement, in parts: history, what was learned, what is compared, bands, sources, levels.

Belongs here: its text. Does not belong here: its inputs and running it (``judge``, whose docstring says how a band is
made).
"""

from __future__ import annotations

from orchestration.drift.measures import (
    BUSIEST,
    CALMEST,
    ERROR_SPREADS,
    LEARNED_AFTER,
    MOST_DAYS,
    UNLEARNED,
    USUAL,
    WARN_SPREADS,
)
from orchestration.drift.profile import PROFILE

JUDGED = "drift_judged"
RELEASES, DELIVERIES, STATED = "releases", "deliveries", "stated"  # series: what a count is held against
# What an acknowledgement still covers when the next candidate differs a little from the one that was looked at.
_SAME_SHARE, _SAME_ROWS = 0.02, 10
_MAD = 1.4826  # median absolute deviation of a normal distribution to its standard deviation
# Frozen: fewer changes than these were to be expected between the two days, so none at all proves little.
_FROZEN_EXPECTED = 5


def _marked(cte: str, table: str, pick: str, name: str) -> str:
    """One release per slice; who acknowledged that people moved between slices meant all slices of the state."""
    return f"""{cte} as materialized (
    select measure, slice_kind, slice_value, {pick}(ordinal) as {name}
    from (
        from {table} where measure not in ('delivered_rows', 'voters_against_stated')
        union all
        select slices.measure, slices.slice_kind, slices.slice_value, moved.ordinal
        from slices
        inner join {table} as moved
            on moved.measure = 'moved_between_' || slices.slice_kind and moved.slice_value = slices.state
        where slices.measure = 'voters'
    )
    group by all
)"""


# What a person acknowledged starts the band anew; an open warning pins it to the release before.
_HISTORY = f"""
today as materialized (
    select profile.*, coalesce(source, '') as origin,
        case measure when 'delivered_rows' then '{DELIVERIES}' when 'voters_against_stated' then '{STATED}'
            else '{RELEASES}' end as series
    from {PROFILE} as profile
),
past as materialized (select *, coalesce(source, '') as origin from drift_past),
slices as materialized (
    select measure, slice_kind, slice_value, any_value(series) as series, any_value(state) as state,
        any_value(origin) as origin
    from (select * from today union all by name select * exclude (ordinal) from past)
    group by measure, slice_kind, slice_value
),
{_marked("starts", "drift_rebased", "max", "start")},
{_marked("pins", "drift_pinned", "min", "pin")},
known as materialized (
    select past.*
    from past left join starts using (measure, slice_kind, slice_value)
    where past.ordinal >= coalesce(starts.start, past.ordinal)
)"""

# How a slice moved from one delivery to the next, per day.
_LEARNED = f"""
steps as materialized (
    select measure, slice_kind, slice_value, origin, counted,
        lag(counted) over earlier as before,
        source_date - lag(source_date) over earlier as days
    from known
    window earlier as (partition by measure, slice_kind, slice_value order by ordinal)
),
daily as materialized (
    select *, ln(counted / before) / days as pace
    from steps
    where days > 0 and before > 0 and counted > 0
),
learned as materialized (
    select measure, slice_kind, slice_value, count(*) as steps, median(pace) as own_trend,
        {_MAD} * mad(pace) as own_sway, median(before * days) as voter_days
    from daily
    group by all
),
noises as materialized (
    select measure, slice_kind, origin,
        {_MAD} * median(abs(counted - before * exp(own_trend * days)) / sqrt(before * days)) as shared_noise
    from daily inner join learned using (measure, slice_kind, slice_value)
    group by all
)"""

# Against what: the last release (or the one before an open warning), and the oldest that is kept.
_COMPARED = f"""
dated as materialized (
    select series, ordinal, measure, slice_kind, origin, max(source_date) as source_date
    from past
    group by all
),
dated_today as materialized (
    select measure, slice_kind, origin, max(source_date) as source_date
    from today
    group by all
),
ends as materialized (
    select dated.measure, dated.slice_kind, dated.origin, min(dated.ordinal) as first_ordinal,
        any_value(newest.last_ordinal) as last_ordinal
    from dated
    inner join (select series, max(ordinal) as last_ordinal from past group by series) as newest using (series)
    group by dated.measure, dated.slice_kind, dated.origin
),
targets as materialized (
    select slices.*,
        greatest(least(coalesce(pins.pin, ends.last_ordinal), ends.last_ordinal), coalesce(starts.start, 0))
            as last_target,
        greatest(ends.first_ordinal, coalesce(starts.start, 0)) as first_target
    from slices
    inner join ends using (measure, slice_kind, origin)
    left join pins using (measure, slice_kind, slice_value)
    left join starts using (measure, slice_kind, slice_value)
),
aims as materialized (
    select * exclude (last_target, first_target), last_target as ordinal, 'last' as against from targets
    union all
    select * exclude (last_target, first_target), first_target, 'oldest' from targets
    where first_target < last_target and series = '{RELEASES}'
),
compared as materialized (
    select aims.*,
        coalesce(today.counted, 0) as observed, coalesce(known.counted, 0) as before,
        today.base, known.base as base_before, coalesce(today.is_open, false) as is_open,
        known.counted is null as is_new, today.counted is null as is_gone,
        today.delivery_id, known.delivery_id as delivery_before,
        -- A source that is gone has no day; nothing is then allowed for time.
        coalesce(abs(coalesce(today.source_date, dated_today.source_date) - dated.source_date), 0) as days
    from aims
    inner join dated using (series, ordinal, measure, slice_kind, origin)
    left join dated_today using (measure, slice_kind, origin)
    left join known using (measure, slice_kind, slice_value, ordinal)
    left join today on today.measure = aims.measure and today.slice_kind = aims.slice_kind
        and today.slice_value = aims.slice_value
),
moved as materialized (
    select 'moved_between_' || slice_kind as measure, 'state' as slice_kind, state as slice_value, state, origin,
        against, min(ordinal) as ordinal, sum(abs(observed - before)) / 2 as observed, sum(before) as size,
        max(days) as days
    from compared
    where measure = 'voters'
    group by slice_kind, state, origin, against
)"""

_BANDS = f"""
-- size: the rows that the shares are of; centre: the count to be expected if nothing happened.
sized as materialized (
    select measure, slice_kind, slice_value, state, origin, against, ordinal, days, observed, is_new, is_open,
        before as size, before as centre
    from compared
    where base is null and base_before is null
    union all
    select measure, slice_kind, slice_value, state, origin, against, ordinal, days, observed, is_new, is_open,
        base, before * base / base_before
    from compared
    where measure like 'with\\_%' escape '\\' and base > 0 and base_before > 0
    union all
    select measure, slice_kind, slice_value, state, origin, against, ordinal, days, observed, false, false, size, 0
    from moved
),
weighed as materialized (
    select sized.*, least(days, {MOST_DAYS}) as time,
        -- What grows may be many times what it was in the oldest release.
        not is_open and not (watched.grows and against = 'oldest') as is_watched,
        watched.* exclude (measure, slice_kind),
        watched.learns and coalesce(learned.steps, 0) >= {LEARNED_AFTER} as is_learned,
        case when is_learned and against = 'last'
            then least(greatest(own_trend, -fall_daily_warn), rise_daily_warn) else 0 end as trend,
        case when is_learned then least(greatest(shared_noise, sqrt({CALMEST})), sqrt({BUSIEST}))
            else sqrt({USUAL}) end as noise,
        -- What the movements of single people explain of a slice's sway is in the noise already.
        case when is_learned and against = 'last'
            then least(sqrt(greatest(own_sway ** 2 - shared_noise ** 2 / voter_days, 0)), fall_warn / 3)
            else 0 end as sway,
        case when is_learned or not watched.learns then 1 else {UNLEARNED} end as doubt,
        case when not sways then 0
            else sqrt(noise ** 2 * size * time + (sway * size) ** 2 * time) end as spread
    from sized
    inner join drift_watched as watched using (measure, slice_kind)
    left join learned using (measure, slice_kind, slice_value)
    left join noises using (measure, slice_kind, origin)
    where not (watched.grows and sized.is_new)
),
banded as materialized (
    select *,
        centre * exp(trend * time) as expected,
        centre * exp(least(trend, 0) * time) as low_centre,
        centre * exp(greatest(trend, 0) * time) as high_centre,
        low_centre - fall_floor_warn - size * (doubt * fall_warn + fall_daily_warn * time) - {WARN_SPREADS} * spread
            as low_warn,
        low_centre - fall_floor_error - size * (doubt * fall_error + fall_daily_error * time) - {ERROR_SPREADS} * spread
            as low_error,
        case when is_watched then high_centre + floor_warn + size * (doubt * rise_warn + rise_daily_warn * time)
            + {WARN_SPREADS} * spread end as high_warn,
        case when is_watched then high_centre + floor_error + size * (doubt * rise_error + rise_daily_error * time)
            + {ERROR_SPREADS} * spread end as high_error
    from weighed
),
levels as materialized (
    select measure, slice_kind, slice_value, state, origin, against, ordinal, days, observed, expected, low_warn,
        high_warn, low_error, high_error, owner, todo,
        case
            when observed < low_error or observed > high_error then 'error'
            when observed < low_warn or observed > high_warn then 'warn'
            else 'ok'
        end as level,
        case when is_learned then 'history' else 'prior' end as basis
    from banded
)"""

# Sources are judged by their days, not by their counts.
_SOURCES = f"""
sources as materialized (
    select 'source_stopped' as measure, slice_kind, slice_value, state, origin, 'last' as against, ordinal, days,
        case when not is_gone then observed end as observed, before as expected, null as low_warn,
        coalesce(base, base_before) as high_warn, null as low_error, null as high_error, 'feeds' as owner,
        'Ask the sender for the missing delivery; a source that has ended is acknowledged by name' as todo,
        case
            when is_gone then 'error'
            -- One that was late already in the release before has not stopped since.
            when observed > base and before <= base then 'warn'
            else 'ok'
        end as level, 'contract' as basis
    from compared
    where measure = 'age' and against = 'last'
    union all
    select 'source_frozen', slice_kind, slice_value, state, origin, 'last', ordinal, days, 0,
        round(base * {CALMEST} * days), 1, null, 1, null, 'voter file',
        'The delivery is new and its rows are not: ask the sender for the file of this day',
        case
            when observed <> before or is_gone or is_new or delivery_id = delivery_before then 'ok'
            when base * {CALMEST} * days >= {_FROZEN_EXPECTED} then 'error'
            else 'warn'
        end, 'contract'
    from compared
    where measure = 'fingerprint' and against = 'last'
)"""

QUERY = f"""
create or replace temp table {JUDGED} as
with {_HISTORY}, {_LEARNED}, {_COMPARED}, {_BANDS}, {_SOURCES},
everything as materialized (
    select * from levels
    union all
    select measure, slice_kind, slice_value, state, origin, against, ordinal, days, observed, expected, low_warn,
        high_warn, low_error, high_error, owner, todo, level, basis
    from sources
),
excused as materialized (
    select everything.*, split_part(slice_value, ':', 1) || ':' || split_part(slice_value, ':', 2) as place,
        exists (
            from drift_acknowledged as said
            where said.measure = everything.measure and said.slice_kind = everything.slice_kind
                and said.slice_value = everything.slice_value
                and case
                    when everything.measure = 'source_stopped' then true
                    when everything.measure like 'opt\\_out%' escape '\\' then everything.observed >= said.observed
                    else abs(coalesce(everything.observed, 0) - said.observed)
                        <= {_SAME_ROWS} + {_SAME_SHARE} * said.observed
                end
        ) as is_acknowledged
    from everything
)
select measure, slice_kind, slice_value,
    case when places.name is null then slice_value
        else split_part(slice_value, ':', 1) || ':' || places.name || coalesce(
            ':' || nullif(array_to_string(string_split(slice_value, ':')[3:], ':'), ''), ''
        ) end as shown,
    state, nullif(origin, '') as source, against, ordinal, days::integer as days,
    round(observed)::bigint as observed, round(expected)::bigint as expected,
    ceil(greatest(low_warn, 0))::bigint as low_warn, floor(high_warn)::bigint as high_warn,
    ceil(greatest(low_error, 0))::bigint as low_error, floor(high_error)::bigint as high_error,
    case when is_acknowledged and level in ('warn', 'error') then 'acknowledged' else level end as level,
    owner, todo, basis
from excused
left join drift_places as places on places.code = excused.place
order by measure, slice_kind, slice_value, against
"""
