"""What can go wrong with a candidate's counts, and which checks must then fire: the killers of the drift checks.

Each corruption changes the profile of today (and, where its story says so, nothing else). ``KILLERS`` has one for
every check, just outside its band; ``STORIES`` are whole accidents as they happen. Both are for worlds of
``support.drift_worlds`` with at least one published release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.drift import judge
from orchestration.drift.checks import STANDING, check_id
from orchestration.drift.measures import COVERED, DISTRICTS, WATCHED
from orchestration.drift.profile import PROFILE

Change = Callable[[duckdb.DuckDBPyConnection], None]


@dataclass(frozen=True)
class Corruption:
    """A change of today's profile, and the ids of the checks that must fire."""

    change: Change
    fires: frozenset[str]


def _sql(*statements: str) -> Change:
    def change(con: duckdb.DuckDBPyConnection) -> None:
        for statement in statements:
            con.execute(statement.replace("PROFILE", PROFILE))

    return change


def beyond(measure: str, slice_kind: str, level: str, *, side: str = "low") -> Change:
    """Put the largest slice of a measure one row outside its band at a level (and inside the graver one)."""

    def change(con: duckdb.DuckDBPyConnection) -> None:
        judge.judge(con)
        # The narrowest of what the slice is held against.
        row = con.execute(
            f"select slice_value, max(low_{level}), min(high_{level}) from {judge.JUDGED}"
            " where measure = ? and slice_kind = ? group by slice_value order by max(expected) desc, 1 limit 1",
            [measure, slice_kind],
        ).fetchone()
        assert row is not None, f"{measure} by {slice_kind} was not judged"
        value, low, high = row
        count = low - 1 if side == "low" else high + 1
        con.execute(
            f"update {PROFILE} set counted = ? where measure = ? and slice_kind = ? and slice_value = ?",
            [count, measure, slice_kind, value],
        )

    return change


def moving(slice_kind: str, level: str) -> Change:
    """Take one person more than is allowed out of the largest slice of a state, and put her into the smallest."""

    def change(con: duckdb.DuckDBPyConnection) -> None:
        judge.judge(con)
        row = con.execute(
            f"select min(high_{level} - observed) from {judge.JUDGED} where measure = ?",
            [f"moved_between_{slice_kind}"],
        ).fetchone()
        assert row is not None
        # What a slice has too few, another has too many: half the sum of both is who moved.
        con.execute(
            f"update {PROFILE} set counted = counted + case when slice_value = (select min_by(slice_value, counted)"
            f" from {PROFILE} where measure = 'voters' and slice_kind = $1) then $2 else -$2 end"
            " where measure = 'voters' and slice_kind = $1 and slice_value in ("
            f" select unnest([min_by(slice_value, counted), max_by(slice_value, counted)]) from {PROFILE}"
            " where measure = 'voters' and slice_kind = $1)",
            [slice_kind, 2 * row[0] + 10],
        )

    return change


def _killers() -> dict[str, Corruption]:
    found: dict[str, Corruption] = {}
    for watched in WATCHED:
        for level in ("warn", "error"):
            identity = check_id(watched.name, level)
            if watched.measure.startswith("moved_between_"):
                change = moving(watched.measure.removeprefix("moved_between_"), level)
            elif watched.pace == "never_falls" and level == "warn":
                change = beyond(watched.measure, watched.slice_kind, level, side="high")
            else:
                change = beyond(watched.measure, watched.slice_kind, level)
            found[identity] = Corruption(change, frozenset({identity}))
    later = "update PROFILE set counted = base + 1 where measure = 'age' and slice_value = 'van'"
    gone = "delete from PROFILE where measure = 'age' and slice_value = 'van'"
    found["drift.source_stopped_by_source.warn"] = Corruption(
        _sql(later), frozenset({"drift.source_stopped_by_source.warn"})
    )
    found["drift.source_stopped_by_source.error"] = Corruption(
        _sql(gone), frozenset({"drift.source_stopped_by_source.error"})
    )
    for level, small in (("error", ""), ("warn", ", base = 50")):
        found[f"drift.source_frozen_by_state.{level}"] = Corruption(
            _sql(
                f"update PROFILE set counted = (select counted from drift_past where measure = 'fingerprint'"
                f" order by ordinal desc limit 1){small} where measure = 'fingerprint'"
            ),
            frozenset({f"drift.source_frozen_by_state.{level}"}),
        )
    return found


# By check id. The check on standing warnings is about the ledger, not about a profile: its killer is a warning that
# nobody acknowledged (`tests/unit/drift/test_standing_warnings.py`).
KILLERS: Mapping[str, Corruption] = _killers()
NOT_ABOUT_A_PROFILE = frozenset({STANDING})

_COUNTY = "slice_value like 'NC:37021%'"
_COVERAGE = ", ".join(f"'with_{name}'" for name in COVERED)


def _errors(*names: str) -> frozenset[str]:
    return frozenset(check_id(name, "error") for name in names)


STORIES: Mapping[str, Corruption] = {
    "a county is lost and the others make up for it": Corruption(
        _sql(
            "update PROFILE set counted = counted + (select counted from PROFILE where measure = 'voters'"
            " and slice_value = 'NC:37021') // 99 where measure = 'voters' and slice_kind = 'county'",
            f"delete from PROFILE where {_COUNTY} and slice_kind in ('county', 'county_party', 'county_status')",
        ),
        _errors("voters_by_county", "voters_by_county_party", "voters_by_county_status"),
    ),
    "two parties are swapped": Corruption(
        _sql(
            "update PROFILE set slice_value = case when slice_value like '%:D' then replace(slice_value, ':D', ':R')"
            " else replace(slice_value, ':R', ':D') end"
            " where measure = 'voters' and slice_kind in ('party', 'county_party') and slice_value not like '%:N'"
        ),
        _errors("voters_by_party", "voters_by_county_party", "moved_between_county_party_by_state"),
    ),
    "two parties are swapped in one county": Corruption(
        _sql(
            "update PROFILE set slice_value = case when slice_value like '%:D' then replace(slice_value, ':D', ':R')"
            " else replace(slice_value, ':R', ':D') end"
            f" where measure = 'voters' and slice_kind = 'county_party' and {_COUNTY} and slice_value not like '%:N'"
        ),
        _errors("voters_by_county_party"),
    ),
    "everybody inactive is set active": Corruption(
        _sql(
            "update PROFILE set counted = counted + (select counted from PROFILE as other"
            " where other.measure = 'voters' and other.slice_kind = 'status' and other.slice_value = 'NC:inactive')"
            " where measure = 'voters' and slice_kind = 'status' and slice_value = 'NC:active'",
            "delete from PROFILE where measure = 'voters' and slice_kind in ('status', 'county_status')"
            " and slice_value like '%:inactive'",
        ),
        _errors("voters_by_status", "voters_by_county_status", "moved_between_status_by_state"),
    ),
    **{
        f"no voter of one county has a {district.replace('_', ' ')}": Corruption(
            _sql(f"update PROFILE set counted = 0 where measure = 'with_{district}' and {_COUNTY}"),
            _errors(f"with_{district}_by_county"),
        )
        for district in DISTRICTS
    },
    "the voter file is taken in twice": Corruption(
        _sql(
            "update PROFILE set counted = 2 * counted, base = 2 * base"
            " where measure in ('voters', 'voters_against_stated', 'delivered_rows', 'votes',"
            f" {_COVERAGE}) and source = 'nc_voters'"
        ),
        _errors(
            "voters_by_state", "voters_by_county", "voters_by_party", "voters_by_status", "delivered_rows_by_roll",
            "votes_by_election", "moved_between_county_by_state", "voters_against_stated_by_slice",
        ),
    ),
    "a feed is taken in twice": Corruption(
        _sql("update PROFILE set counted = 2 * counted where source = 'actblue' and measure in ('gifts', 'donors')"),
        _errors("gifts_by_source", "donors_by_source"),
    ),
    "a state's file is new and its rows are those of before": Corruption(
        _sql(
            "update PROFILE set counted = (select counted from drift_past where measure = 'fingerprint'"
            " order by ordinal desc limit 1) where measure = 'fingerprint'"
        ),
        _errors("source_frozen_by_state"),
    ),
    "a source no longer delivers": Corruption(
        _sql("update PROFILE set counted = base + 2 where measure = 'age' and slice_value = 'meta_insights'"),
        frozenset({check_id("source_stopped_by_source", "warn")}),
    ),
    "a source is gone with all it brought": Corruption(
        _sql("delete from PROFILE where source = 'spoke'"),
        _errors("source_stopped_by_source", "texted_by_vendor", "opt_out_contacts_by_source"),
    ),
    "one opt-out is lost": Corruption(
        _sql(
            "update PROFILE set counted = (select counted - 1 from drift_past where measure = 'opt_outs'"
            " order by ordinal desc limit 1) where measure = 'opt_outs'"
        ),
        _errors("opt_outs_by_channel"),
    ),
    "the history of one election is gone": Corruption(
        _sql("delete from PROFILE where measure = 'votes' and slice_value like 'NC:2022-11-08%'"),
        _errors("votes_by_election"),
    ),
    "the history of one county is gone": Corruption(
        _sql(f"update PROFILE set counted = 0 where measure like 'with\\_vote%' escape '\\' and {_COUNTY}"),
        _errors("with_vote_history_by_county", "with_vote_at_the_last_comparable_by_county"),
    ),
    "one voter in eight of one county has no score": Corruption(
        _sql(f"update PROFILE set counted = base * 7 // 8 where measure = 'with_score' and {_COUNTY}"),
        _errors("with_score_by_county"),
    ),
    "a certified contest is missing a tenth of its votes": Corruption(
        _sql("update PROFILE set counted = counted * 9 // 10 where measure = 'certified_votes'"),
        _errors("certified_votes_by_election"),
    ),
}  # fmt: skip
