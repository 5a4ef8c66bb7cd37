"""The profile of a candidate: one table of counts, by measure and slice, taken from the warehouse under construction.

Belongs here: the counting, in SQL, one scan per table; writing and reading profiles. Does not belong here: which
profiles count as history (``history``), bands (``judge``).

A county's smallest party can be one person: profiles stay with the data team, in files only their owner may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.drift.measures import DISTRICTS
from orchestration.sqltext import literal

if TYPE_CHECKING:
    import duckdb

PROFILE = "drift_profile"  # temporary table in the connection that counted
COLUMNS: Mapping[str, str] = {
    "measure": "varchar",  # what is counted
    "slice_kind": "varchar",  # by what
    "slice_value": "varchar",  # which one, parts joined by ':' from the largest area down ('NC:37001:D')
    "state": "varchar",  # null where the measure knows no state
    "source": "varchar",  # whose deliveries it comes from; null where several sources are one
    "source_date": "date",  # day of the newest delivery in use; the data's own day where there is no source
    "delivery_id": "varchar",  # that delivery
    "counted": "bigint",
    "base": "bigint",  # of how many, where the count is a part (coverage) or has a limit (days of age)
    "is_open": "boolean",  # still filling up: a recent election, whose late ballots are still entered
}
# Counties enter ballots for months after an election; half a year later certified counts and history are complete.
_OPEN_DAYS = 180
_AD_SOURCES = {"google": "google_ads", "meta": "meta_insights"}

_CELLS = f"""
create or replace temp table drift_cells as
select
    state, county_fips, party_code, status, precinct_id, {", ".join(f"{d}_id" for d in DISTRICTS)},
    count(*) as voters,
    count(municipality_id) as with_municipality,
    count(birth_year) as with_birth_year,
    count(registration_date) as with_registration_date,
    -- Shifted, so that the sum of a state's rows stays within a bigint.
    sum((hash(
        voter_id, county_fips, party_code, status, precinct_id, {", ".join(f"{d}_id" for d in DISTRICTS)},
        registration_date
    ) >> 34)::bigint)::bigint as fingerprint
from intermediate.int_voters__current
group by all
"""

_GROUPED = {
    "state": "state",
    "county": "state, county_fips",
    "party": "state, party_code",
    "status": "state, status",
    "county_party": "state, county_fips, party_code",
    "county_status": "state, county_fips, status",
    **{d: f"state, {d}_id" for d in DISTRICTS},
}


def _voters() -> str:
    """Every kind of slice of the electorate in one pass over the cells."""
    columns = ["county_fips", "party_code", "status", *(f"{d}_id" for d in DISTRICTS)]
    # grouping() sets a bit per column that is not grouped by, the first column's the highest.
    kinds = []
    for kind, grouped in _GROUPED.items():
        bits = "".join("0" if column in grouped.split(", ") else "1" for column in columns)
        kinds.append(f"when {int(bits, 2)} then '{kind}'")
    value = ", ".join(f"case when grouping({c}) = 0 then coalesce({c}, 'none') end" for c in columns)
    sets = ", ".join(f"({grouped})" for grouped in _GROUPED.values())
    return f"""
    select
        'voters' as measure,
        case grouping({", ".join(columns)}) {" ".join(kinds)} end as slice_kind,
        concat_ws(':', state, {value}) as slice_value,
        state,
        'voters' as family,
        sum(voters)::bigint as counted,
        null::bigint as base,
        false as is_open
    from drift_cells
    group by grouping sets ({sets})
    """


def _of_cells() -> str:
    """Per state and county: districts and precincts there are, coverage, and the fingerprint of a state's rows."""
    distinct = " union all ".join(
        f"""
        select '{d}s', 'state', state, state, 'voters', count(distinct {d}_id), null, false
        from drift_cells group by state"""
        for d in DISTRICTS
    )
    known = {
        "precinct": "sum(voters) filter (where precinct_id is not null)",
        "party": "sum(voters) filter (where party_code is not null and party_code <> 'N')",
        **{d: f"sum(voters) filter (where {d}_id is not null)" for d in DISTRICTS},
        **{c: f"sum(with_{c})" for c in ("municipality", "birth_year", "registration_date")},
    }
    return f"""
    {distinct}
    union all
    select 'fingerprint', 'state', state, state, 'voters', sum(fingerprint)::bigint, sum(voters)::bigint, false
    from drift_cells group by state
    union all
    select 'precincts', 'county', state || ':' || coalesce(county_fips, 'none'), state, 'voters',
        count(distinct precinct_id), null, false
    from drift_cells group by state, county_fips
    union all
    {_coverage(known, "drift_cells", "voters", "sum(voters)")}
    """


def _coverage(known: Mapping[str, str], relation: str, family: str, base: str = "count(*)") -> str:
    """One row per county and attribute: how many of how many voters have it. One scan, then columns to rows."""
    columns = ", ".join(f"coalesce({sql}, 0)::bigint as with_{name}" for name, sql in known.items())
    return f"""
    select measure, 'county', state || ':' || coalesce(county_fips, 'none'), state, '{family}', counted, base, false
    from (
        unpivot (
            select state, county_fips, {base}::bigint as base, {columns}
            from {relation} where state is not null group by state, county_fips
        ) on {", ".join(f"with_{name}" for name in known)} into name measure value counted
    )
    """


def electorate() -> str:
    """Everything that is counted from ``drift_cells``."""
    return f"{_voters()} union all {_of_cells()}"


def _of_people() -> str:
    """Per county: who has a score, a history, a vote in the last comparable election, a household."""
    scored = {"score": "count(*) filter (where p_turnout is not null and p_support is not null)"}
    past = {
        "vote_history": "count(*) filter (where contains(coming_general_pattern, '1'))",
        "vote_at_the_last_comparable": "count(*) filter (where voted_in_support)",
    }
    housed = {"household": "count(household_id)"}
    voters = "(select * from intermediate.int_universes__people where voter_id is not null)"
    return " union all ".join(
        (
            _coverage(scored, "intermediate.int_scores__voters", "voters"),
            _coverage(past, "intermediate.int_voters__features", "history"),
            _coverage(housed, voters, "voters"),
        )
    )


def _of_feeds() -> str:
    """Everything that is not the electorate; ``family`` is the source itself."""
    ads = " ".join(f"when '{platform}' then '{source}'" for platform, source in _AD_SOURCES.items())
    recent = f"election_date > (select data_as_of from config.campaign) - {_OPEN_DAYS}"
    return f"""
    select 'votes', 'election', state || ':' || election_date || ':' || election_type, state, 'history', count(*),
        null, {recent}
    from intermediate.int_votes__elections group by state, election_date, election_type
    union all
    select unnest(['certified_rows', 'certified_votes']), 'election', state || ':' || election_date || ':' || source,
        state, source, unnest([count(*), sum(votes)::bigint]), null, {recent}
    from intermediate.int_results__certified group by state, election_date, source
    union all
    select 'contact_points', 'origin', channel || ':' || origin, null,
        case when origin <> 'voter_file' then origin end, count(*), null, false
    from intermediate.int_contact__points group by channel, origin
    union all
    select unnest(['gifts', 'donors']), 'source', source, null, source,
        unnest([count(*), count(distinct person_id)]), null, false
    from intermediate.int_donors__gifts group by source
    union all
    select 'texted', 'vendor', vendor, null, vendor, count(*), null, false
    from intermediate.int_texting__conversations group by vendor
    union all
    select 'ad_rows', 'platform', platform || ':' || area_type, null, case platform {ads} end, count(*), null, false
    from intermediate.int_ads__daily group by platform, area_type
    union all
    select 'opt_outs', 'channel', channel, null, null, count(*), null, false
    from intermediate.int_contact__opt_outs group by channel
    union all
    -- Whoever asked, however often a source tells it: an export that comes again is no second asking.
    select 'opt_out_contacts', 'source', source || ':' || channel, null, source, count(distinct contact), null, false
    from accepted.opt_outs group by source, channel
    """


def _profile() -> str:
    """All counts with the delivery each rests on."""
    names = ", ".join(COLUMNS)
    return f"""
    create or replace temp table {PROFILE} as
    with
    counts as (
        {electorate()} union all {_of_people()} union all {_of_feeds()}
    ),
    deliveries as (
        select source, max(snapshot_date) as source_date,
            max_by(delivery_id, (snapshot_date, delivery_id)) as delivery_id,
            any_value(fresh_within_days) as fresh_within_days
        from config.deliveries_in_use
        group by source
    ),
    -- A state's history comes in a file of its own or stands in its voter file.
    named as (
        select counts.*,
            case
                when family is null then null
                when state is null or family not in ('voters', 'history') then family
                when family = 'history' and lower(state) || '_history' in (select source from deliveries)
                    then lower(state) || '_history'
                else lower(state) || '_voters'
            end as source
        from counts
        where counted is not null
    ),
    ages as (
        select 'age' as measure, 'source' as slice_kind, source as slice_value, null as state, source,
            (select data_as_of from config.campaign) - source_date as counted, fresh_within_days as base,
            false as is_open
        from deliveries
    ),
    everything as (
        select measure, slice_kind, slice_value, state, source, counted, base, is_open from named
        union all
        select measure, slice_kind, slice_value, state, source, counted, base, is_open from ages
    )
    select {", ".join(f"{column}::{kind} as {column}" for column, kind in COLUMNS.items())}
    from (
        select everything.*,
            coalesce(deliveries.source_date, (select data_as_of from config.campaign)) as source_date,
            deliveries.delivery_id
        from everything left join deliveries using (source)
    )
    order by {names}
    """


def take(con: duckdb.DuckDBPyConnection) -> None:
    """Count the warehouse that ``con`` has open (it may be read-only) into the temporary table ``PROFILE``."""
    con.execute(_CELLS)
    con.execute(_profile())
    con.execute("drop table drift_cells")


def write(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write a table of the connection as Parquet that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.part")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    con.execute(f"copy {table} to {literal(partial)} (format parquet, compression zstd)")
    partial.chmod(0o600)
    partial.replace(path)
