"""Fit what must be fitted, from the tables the first dbt run built.

Reads counts of people and certified votes out of the build database, decides whether a stored version still
stands, and otherwise fits and stores a new one. *Fit seldom, score daily*: a stored version stands while its
labels (which elections, which certified votes), the settings and the code are the same and the electorate has
not drifted; names moving in and out of a file from day to day are no reason to refit.
Does not belong here: the arithmetic (``turnout``, ``support``) and the store (``registry``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import support, turnout
from .registry import ModelVersion, code_digest, digest, store, stored
from .shrink import Count, Key

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

HERE = Path(__file__).resolve().parent
# How far the electorate may drift before a stored version is refitted: people, rate, people in new precincts.
MOST_GROWTH, MOST_RATE_CHANGE, MOST_NEW_PRECINCTS = 0.05, 0.005, 0.02


def fit_all(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> list[ModelVersion]:
    """The turnout and support versions to score with, fitted now or found in the store.

    ``con``: the build database after ``dbt build --select tag:features``. Raises ValueError when the tables
    hold nobody to learn from.
    """
    return [fit_turnout(con, home, settings), fit_support(con, home, settings)]


def fit_turnout(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> ModelVersion:
    """The turnout version to score with."""
    known = _known_positions(con)
    basis = {
        "code": code_digest(HERE / "turnout.py", HERE / "shrink.py"),
        "training_elections": _elections(settings, "turnout"),
        "coming_election": settings.campaign.election_date.isoformat(),
        "known": known,
    }
    halves = _training_halves(con)
    size = _turnout_size(halves)
    for version in stored(home, turnout.NAME):
        if version.card.get("basis") == digest(basis) and _stands(version.card["size"], size):
            return version
    result = turnout.fit(halves, known)
    counts = [[*key, count.people, count.did] for half in halves for key, count in sorted(half.items())]
    return store(home, turnout.NAME, [basis, digest(counts)], _frame(result.cells), {
        "purpose": "count",
        "target": "did this registered voter vote in the training election",
        "training_elections": basis["training_elections"],
        "applied_to": basis["coming_election"],
        "data_as_of": _data_as_of(con),
        "features": ["state", "last four comparable generals (voted, stayed home, not registered yet)",
                     "primaries of the last two even years", "age band on election day"],
        "method": f"rates of cells, each leaning on its parent with {turnout.STRENGTH:g} people",
        "metrics": result.metrics,
        "metrics_are": "out of sample: each random half of the people scored by a fit on the other half",
        "by_state": result.by_state,
        "limits": [
            "Survivorship: trained on people still on file; those removed since the training election are "
            "missing, so rates lean upward a little, most among the young.",
            "Whoever registers between the newest snapshot and the election is not counted.",
            "Being inactive today was not known then and is not used.",
        ],
        "basis": digest(basis),
        "size": size,
    })  # fmt: skip


def fit_support(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> ModelVersion:
    """The support version to score with."""
    shares = con.execute(
        """select state, county_fips, precinct_id, sum(votes_for)::bigint, sum(votes_against)::bigint
        from intermediate.int_results__precinct_shares
        group by all order by all"""
    ).fetchall()
    basis = {
        "code": code_digest(HERE / "support.py"),
        "elections": _elections(settings, "support"),
        "party_code": settings.campaign.party_code,
        "certified": digest(shares),
    }
    people = con.execute(
        """select state, county_fips, precinct_id, support_group,
            count(*) filter (where voted_in_support)::bigint as voted, count(*)::bigint as registered
        from intermediate.int_voters__features group by all order by all"""
    ).fetchall()
    size = _support_size(people)
    for version in stored(home, support.NAME):
        same = version.card.get("basis") == digest(basis) and _stands(version.card["size"], size)
        if same and _new_precincts(con, version) <= MOST_NEW_PRECINCTS:
            return version
    states = sorted({str(row[0]) for row in people})
    if not states:
        raise ValueError("support: no registered voters in int_voters__features; check the accepted voter files")
    fits = {state: support.fit(_precincts(state, people, shares), settings.campaign.party_code) for state in states}
    frame = _frame([cell for state in states for cell in fits[state].cells])
    return store(home, support.NAME, [basis, digest(people)], frame, {
        "purpose": "count",
        "target": "two-party preference for the campaign's party among those who voted",
        "party_code": settings.campaign.party_code,
        "calibrated_to": basis["elections"],
        "data_as_of": _data_as_of(con),
        "features": ["party registration", "last primary ballot", "race where the state's file has it",
                     "precinct, then county, then state"],
        "method": "group rates by regression over precincts, one logit shift per precinct to the certified share",
        "by_state": {state: fits[state].record for state in states},
        "limits": [
            "Within a precinct, people of one group all have the same score.",
            "Precincts are those of today: where lines moved since the certified election, a code stands for "
            "another area; county totals hold all the same.",
            "Where a state has no party registration, the group is the last primary ballot taken.",
        ],
        "basis": digest(basis),
        "size": size,
    })  # fmt: skip


def _training_halves(con: duckdb.DuckDBPyConnection) -> list[dict[Key, Count]]:
    rows = con.execute(
        """select substr(md5(voter_id), 1, 1) < '8' as half, state, training_general_pattern,
            training_primary_pattern, training_age_band, count(*)::bigint,
            count(*) filter (where voted_in_training)::bigint
        from intermediate.int_voters__features
        where is_in_training and training_age_band <> ?
        group by all order by all""",
        [turnout.TOO_YOUNG],
    ).fetchall()
    halves: list[dict[Key, Count]] = [{}, {}]
    for half, *key, people, did in rows:
        halves[int(half)][tuple(key)] = Count(people, did)
    return halves


def _known_positions(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    rows = con.execute(
        """select state, kind, string_agg(case when is_known then '?' else '.' end, '' order by position)
        from intermediate.int_votes__pattern_elections where role = 'coming'
        group by state, kind order by state, kind"""
    ).fetchall()
    found = {(state, kind): letters for state, kind, letters in rows}
    return {
        state: (found.get((state, "general"), "...."), found.get((state, "primary"), ".."))
        for state in sorted({state for state, _ in found})
    }


def _precincts(state: str, people: list[tuple[Any, ...]], shares: list[tuple[Any, ...]]) -> support.Precincts:
    import numpy as np

    own = [row for row in people if row[0] == state]
    certified = [row for row in shares if row[0] == state]
    ids = sorted({(row[1], row[2]) for row in own})
    counties = sorted({county for county, _ in ids} | {row[1] for row in certified})
    at = {precinct: index for index, (_, precinct) in enumerate(ids)}
    county_at = {county: index for index, county in enumerate(counties)}
    voted = np.zeros((len(ids), len(support.GROUPS)))
    for _, _, precinct, group, count, _ in own:
        voted[at[precinct], support.GROUPS.index(group)] += count
    votes = np.zeros((2, len(ids)))
    county_votes = np.zeros((2, len(counties)))
    for _, county, precinct, votes_for, votes_against in certified:
        county_votes[:, county_at[county]] += (votes_for, votes_against)
        if precinct in at:
            votes[:, at[precinct]] += (votes_for, votes_against)
    return support.Precincts(
        state=state, counties=counties, ids=[precinct for _, precinct in ids],
        county=np.array([county_at[county] for county, _ in ids], dtype=np.int64), people=voted,
        votes_for=votes[0], votes_against=votes[1], county_for=county_votes[0], county_against=county_votes[1],
    )  # fmt: skip


def _turnout_size(halves: list[dict[Key, Count]]) -> dict[str, list[float]]:
    by_state: dict[str, Count] = {}
    for half in halves:
        for key, count in half.items():
            by_state[key[0]] = by_state.get(key[0], Count()) + count
    return {state: [count.people, round(count.did / count.people, 6)] for state, count in sorted(by_state.items())}


def _support_size(people: list[tuple[Any, ...]]) -> dict[str, list[float]]:
    by_state: dict[str, Count] = {}
    for state, _, _, _, voted, registered in people:
        by_state[state] = by_state.get(state, Count()) + Count(registered, voted)
    return {
        state: [count.people, round(count.did / max(count.people, 1), 6)] for state, count in sorted(by_state.items())
    }


def _stands(then: Mapping[str, list[float]], now: Mapping[str, list[float]]) -> bool:
    return set(then) == set(now) and all(
        abs(now[state][0] - people) <= MOST_GROWTH * people and abs(now[state][1] - rate) <= MOST_RATE_CHANGE
        for state, (people, rate) in then.items()
    )


def _new_precincts(con: duckdb.DuckDBPyConnection, version: ModelVersion) -> float:
    """Share of today's voters whose precinct the stored version has no row for."""
    rows = con.execute(
        """with known as (select distinct area_id from read_parquet(?) where area_level = 'precinct')
        select coalesce(avg((known.area_id is null)::integer), 0)
        from intermediate.int_voters__features as voters left join known on voters.precinct_id = known.area_id""",
        [str(version.folder / "support_cells.parquet")],
    ).fetchall()
    return float(rows[0][0])


def _elections(settings: Settings, purpose: str) -> list[str]:
    return sorted(
        f"{c.state} {c.election_date} {c.office_code}" for c in settings.campaign.comparables if c.purpose == purpose
    )


def _data_as_of(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.execute("select max(data_as_of) from config.campaign").fetchall()[0][0])


def _frame(cells: list[turnout.Cell] | list[support.Cell]) -> pl.DataFrame:
    import polars as pl

    names = list(type(cells[0]).__dataclass_fields__)
    return pl.DataFrame({name: [getattr(cell, name) for cell in cells] for name in names})
