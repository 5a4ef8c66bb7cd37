"""When a stored version of a person-level model still stands, and the small readings that all fits share.

*Fit seldom, score daily*: a stored version stands while its labels (which elections, which certified votes, which
answers), the settings and the code are the same and the electorate has not drifted; names moving in and out of a file
from day to day are no reason to refit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

# How far the electorate may drift before a stored version is refitted: people, and the rate at which they did it.
MOST_GROWTH, MOST_RATE_CHANGE = 0.05, 0.005


def size_of(con: duckdb.DuckDBPyConnection, who: str, did: str) -> dict[str, list[float]]:
    """By state, how many people and which share of them did it: what drift is measured by."""
    rows = con.execute(
        f"""select state, count(*)::bigint, (count(*) filter (where {did})) / count(*)
        from intermediate.int_voters__features where {who} group by state order by state"""
    ).fetchall()
    return {state: [people, round(rate, 6)] for state, people, rate in rows}


def stands(then: Mapping[str, list[float]], now: Mapping[str, list[float]]) -> bool:
    """Whether the electorate (``size_of``) is still the one that a version was fitted to."""
    return set(then) == set(now) and all(
        abs(now[state][0] - people) <= MOST_GROWTH * people and abs(now[state][1] - rate) <= MOST_RATE_CHANGE
        for state, (people, rate) in then.items()
    )


def elections(settings: Settings, purpose: str) -> list[str]:
    """The past elections that the settings name for a purpose, as text."""
    return sorted(
        f"{c.state} {c.election_date} {c.office_code}" for c in settings.campaign.comparables if c.purpose == purpose
    )


def data_as_of(con: duckdb.DuckDBPyConnection) -> str:
    """The day up to which the build database knows anything."""
    return str(con.execute("select max(data_as_of) from config.campaign").fetchall()[0][0])


def frame(rows: Sequence[Any]) -> pl.DataFrame:
    """Records of one dataclass as a table."""
    import polars as pl

    names = list(type(rows[0]).__dataclass_fields__)
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in names})


def frame_digest(table: pl.DataFrame) -> str:
    """SHA-256 of a table as text, in its order."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()
