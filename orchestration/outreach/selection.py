"""Whom an export holds: members of a universe with the best contact that may be used now.

Belongs here: reading the current release, leaving people out and counting why. Does not belong here: taking in new
opt-outs (``exporting`` did that before), the form of the file (``channels``).

One person, one contact: of those that may be used the campaign's own before the voter file's. Reasons are counted by
person; somebody with several contacts is left out for the gravest reason among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract
from orchestration.ingest.opt_outs import opt_outs_now
from orchestration.publish import encryption
from orchestration.sqltext import literal

if TYPE_CHECKING:
    import duckdb
    import polars as pl

PEOPLE = "people.duckdb"
# What a filter may name, and the column of voter_scores that holds it.
GEOGRAPHIES = {
    "county": "county_fips",
    "precinct": "precinct_id",
    "municipality": "municipality_id",
    "congressional_district": "congressional_district_id",
    "state_senate_district": "state_senate_district_id",
    "state_house_district": "state_house_district_id",
    "media_market": "media_market_id",
}
# Which contacts a channel uses. A platform matches by what takes both texts and calls, and by e-mail.
CONTACTS = {
    "sms": ("sms",), "phone": ("phone",), "email": ("email",), "mail": ("mail",), "walk": ("walk",),
    "digital": ("phone", "email"),
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What narrows a universe down; None leaves it as it is. ``geography``: a type of area and its id."""

    state: str | None = None
    contest: str | None = None
    geography: tuple[str, str] | None = None

    def document(self) -> dict[str, object]:
        """For the record."""
        return {
            "state": self.state,
            "contest": self.contest,
            "geography": None if self.geography is None else ":".join(self.geography),
        }


@dataclass(frozen=True)
class HoldOut:
    """A share (0..1) of the households set aside at random, the same for the same seed."""

    share: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Chosen:
    """``people``: one row per person and contact to be used, with ``arm``; ``left_out``: people by reason."""

    people: pl.DataFrame
    left_out: Mapping[str, int]


def choose(
    home: Path,
    release: Path,
    contracts: Mapping[str, Contract],
    *,
    universe: str,
    channel: str,
    sources: Sequence[str],
    filters: Filters,
    hold_out: HoldOut,
) -> Chosen:
    """Read the members of ``universe`` out of a release folder and decide about each.

    ``sources``: whose contacts may be used for the purpose. Opt-outs are those of the release and all that are
    accepted now. Columns of ``people``: person_id, voter_id, household_id, state, county_fips, precinct_id, kind (the
    contact's channel), contact, source_id, first_name, last_name, address, city, address_state, zip5, contact_hash,
    arm.
    """
    import duckdb

    with duckdb.connect() as con:
        encryption.attach(con, release / PEOPLE, "people")
        opt_outs_now(home, contracts, con)
        con.execute("set enable_external_access = false")
        _members(con, universe, filters)
        _judged(con, channel, sources)
        people = _frame(con, _BEST, [hold_out.seed, hold_out.share, channel == "sms"])
        left_out = dict(con.execute(_LEFT_OUT).fetchall())
    repeated = people.filter(people["arm"] == "repeated")
    if repeated.height:
        left_out["repeated_number"] = repeated["person_id"].n_unique()
    return Chosen(people.filter(people["arm"] != "repeated"), left_out)


def _frame(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]) -> pl.DataFrame:
    """A result whose columns are all text, in pieces: a whole state's rows as Python objects would not fit."""
    import polars as pl

    cursor = con.execute(query, values)
    schema = {name: pl.String for name, *_ in cursor.description or ()}
    pieces = [pl.DataFrame(schema=schema)]
    while rows := cursor.fetchmany(100_000):
        pieces.append(pl.DataFrame(rows, schema=schema, orient="row"))
    return pl.concat(pieces)


def _members(con: duckdb.DuckDBPyConnection, universe: str, filters: Filters) -> None:
    conditions, values = ["members.universe_id = ?"], [universe]
    if filters.state:
        conditions.append("members.state = ?")
        values.append(filters.state)
    if filters.contest:
        conditions.append("list_contains(string_split(members.contests_served, ', '), ?)")
        values.append(filters.contest)
    join = ""
    if filters.geography:
        kind, area = filters.geography
        join = "inner join people.voter_scores as scores on members.voter_id = scores.voter_id"
        conditions.append(f"scores.{GEOGRAPHIES[kind]} = ?")
        values.append(area)
    con.execute(
        "create temp table members as select members.person_id, members.voter_id, members.household_id, members.state,"
        f" members.county_fips, members.precinct_id from people.universe_members as members {join}"
        f" where {' and '.join(conditions)}",
        values,
    )


def _judged(con: duckdb.DuckDBPyConnection, channel: str, sources: Sequence[str]) -> None:
    """Every contact of every member with the reason why it may not be used, or none."""
    kinds = ", ".join(literal(kind) for kind in CONTACTS[channel])
    # A contact that opted out anywhere is not handed to a platform.
    silenced = "true" if channel == "digital" else f"now.channel in ({literal(channel)}, 'all')"
    con.execute(
        "create temp table silenced as select distinct now.contact from opt_outs_now as now "
        f"where {silenced} union select distinct contact from people.contact_points "
        f"where {'is_suppressed' if channel == 'digital' else 'false'}"
    )
    con.execute("create temp table permitted (source_id varchar)")
    con.executemany("insert into permitted values (?)", [[s] for s in sources] or [[None]])
    con.execute(
        f"""
        create temp table judged as
        select
            members.*, points.channel as kind, points.contact, points.source_id, points.origin,
            coalesce(voters.first_name, points.first_name) as first_name,
            coalesce(voters.last_name, points.last_name) as last_name,
            points.address, points.city, points.address_state,
            coalesce(points.zip5, voters.residence_zip) as zip5,
            case
                when coalesce(voters.is_protected, false) then 'protected'
                when points.suppression_reason = 'opted_out' then 'opted_out'
                when points.is_suppressed then points.suppression_reason
                when silenced.contact is not null then 'opted_out_since_release'
                when points.contact is not null and permitted.source_id is null
                    then 'use_not_permitted:' || points.source_id
                when points.contact is null then 'no_contact'
            end as reason
        from members
        left join people.contact_points as points
            on members.person_id = points.person_id and points.channel in ({kinds})
        left join people.voters_people as voters on members.voter_id = voters.voter_id
        left join silenced on points.contact = silenced.contact
        left join permitted on points.source_id = permitted.source_id
        """
    )


# The best usable contact of each kind and person; one number is texted once, whoever answers it.
_BEST = """
    with usable as (
        select *, row_number() over (
            partition by person_id, kind order by (origin = 'voter_file')::integer, source_id, contact
        ) as place
        from judged where reason is null
    ),
    best as (
        select *, sha256(contact) as contact_hash,
            ('0x' || substr(sha256(? || '|' || household_id), 1, 12))::bigint / 281474976710656.0 < ? as is_held_out,
            row_number() over (partition by contact order by person_id) as turn
        from usable where place = 1
    )
    select person_id, voter_id, household_id, state, county_fips, precinct_id, kind, contact, source_id,
        first_name, last_name, address, city, address_state, zip5, contact_hash,
        case when turn > 1 and ? then 'repeated' when is_held_out then 'hold_out' else 'contact' end as arm
    from best order by person_id, kind
"""
# People without any usable contact, by their gravest reason.
_LEFT_OUT = """
    with worst as (
        select person_id, coalesce(
            max(case when reason = 'protected' then reason end),
            max(case when reason like 'opted_out%' then reason end),
            max(case when reason not in ('no_contact') and reason not like 'use_not%' then reason end),
            max(case when reason like 'use_not%' then reason end), 'no_contact') as reason
        from judged group by person_id having count(*) filter (where reason is null) = 0
    )
    select reason, count(*) from worst group by reason order by reason
"""


def filters_from(state: str | None, contest: str | None, geography: str | None) -> Filters:
    """The filters as people write them; ``geography`` as type:id. Raises ValueError for an unknown type."""
    area = None
    if geography is not None:
        kind, _, identity = geography.partition(":")
        if kind not in GEOGRAPHIES or not identity:
            raise ValueError(f"--geography {geography!r} is not type:id with a type of {', '.join(GEOGRAPHIES)}")
        area = (kind, identity)
    return Filters(state.upper() if state else None, contest, area)
