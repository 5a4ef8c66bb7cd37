"""Fit the joint error model, run the backtest and look ahead to the electoral college, from certified results.

Three model versions come out: ``projection_errors`` (the sizes of shared errors, for every band of the ledger),
``backtest`` (the published record of the method behind them) and ``state_outlook`` (each state in the next presidential
election). They are made anew only when certified results, code or settings they depend on changed.
Does not belong here: the arithmetic (``projection``, ``backtest``) and the store (``registry``).
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .registry import ModelVersion, code_digest, digest, store, stored

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

    from .projection import ErrorModel, Panel

HERE = Path(__file__).resolve().parent
ERRORS, BACKTEST, OUTLOOK = "projection_errors", "backtest", "state_outlook"
COUNTIES = """
    select year, state, county_fips, county_name, votes_dem, votes_rep, votes_total
    from accepted.county_president
    qualify row_number() over (partition by year, state, county_fips order by snapshot_date desc, line_number desc) = 1
    order by state, county_fips, year"""
# A precinct's code stands for the same place only by the state's own habit; what no longer exists is not scored. Votes
# counted centrally (absentee, early) belong to no precinct: each party's go to its precincts of the county as its other
# votes do, so that the county's total is kept. Without it a change in how people vote would look like a swing.
PRECINCTS = """
    with votes as (
        select year(election_date) as year, state, county_fips, party_code, precinct_id, sum(votes) as votes
        from intermediate.int_results__certified where office_code = 'us_president' group by all),
    counted as (
        select *, sum(votes) over county as county_votes, sum(votes) filter (where precinct_id is not null) over county
            as precinct_votes
        from votes window county as (partition by year, state, county_fips, party_code)),
    allocated as (
        select year, state, precinct_id, party_code,
            round(votes * coalesce(county_votes::double / nullif(precinct_votes, 0), 1))::bigint as votes
        from counted where precinct_id is not null)
    select year, state, precinct_id as county_fips, '' as county_name,
        coalesce(sum(votes) filter (where party_code = 'D'), 0)::bigint as votes_dem,
        coalesce(sum(votes) filter (where party_code = 'R'), 0)::bigint as votes_rep, sum(votes)::bigint as votes_total
    from allocated
    group by all having sum(votes) > 0
    order by state, precinct_id, year"""


@dataclass(frozen=True)
class ErrorSize:
    """One part of the joint error: ``measure`` share (log odds) or votes (log); ``sd`` with ``df`` elections behind it.

    ``part``: national, state, county, or precinct (what a precinct adds beyond its county).
    """

    measure: str
    part: str
    sd: float
    df: float


@dataclass(frozen=True)
class OutlookRow:
    """One state in the next presidential election, for the campaign's party.

    ``cumulative_votes``: electoral votes counted from the party's best state down to this one. ``is_tipping_point``:
    the state that brings the party to ``votes_needed`` on that way. Shares 0..1 of the two-party vote, 80 % bands.
    """

    election_year: int
    state: str
    electoral_votes: int
    votes_needed: int
    is_complete: bool
    expected_share: float
    expected_share_low: float
    expected_share_high: float
    expected_turnout: int
    expected_turnout_low: int
    expected_turnout_high: int
    win_probability: float
    tipping_point_probability: float
    cumulative_votes: int
    is_tipping_point: bool
    campaign_win_probability: float


# A precinct beyond its county, before any two elections could be compared: people are re-housed and lines redrawn
# between elections, so twice a county's size is assumed in share and in turnout.
PLACE_PRIOR = {"share": ErrorSize("share", "precinct", 0.20, 2.0), "votes": ErrorSize("votes", "precinct", 0.10, 2.0)}
COLLEGE = 538
NEEDED = 270


def fit_projection(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings, seeds: Path) -> list[ModelVersion]:
    """The versions to build the bands, the record and the outlook with, fitted now or found in the store.

    ``con``: the build database after the features run. ``seeds``: the folder with ``electoral_votes.csv``.
    """
    counties, precincts = _table(con, COUNTIES), _table(con, PRECINCTS)
    basis = {
        "code": code_digest(HERE / "fit_projection.py", *sorted((HERE / "projection").glob("*.py")),
                            *sorted((HERE / "backtest").glob("*.py")), seeds / "electoral_votes.csv"),
        "county_results": digest(counties.rows()),
        "precinct_results": digest(precincts.rows()),
        "party_code": settings.campaign.party_code,
        "election_date": settings.campaign.election_date.isoformat(),
    }  # fmt: skip
    known = [_standing(home, name, digest(basis)) for name in (ERRORS, BACKTEST, OUTLOOK)]
    if all(known):
        return [version for version in known if version is not None]
    county_panel, precinct_panel = _panel(counties), _panel(precincts)
    common = {"basis": digest(basis), "data_as_of": _data_as_of(con), **_span(county_panel, precinct_panel)}
    sizes = error_sizes(county_panel, precinct_panel)
    return [
        store(home, ERRORS, basis, _frame(sizes, ErrorSize), common | _errors_card(sizes)),
        _store_backtest(home, basis, common, counties, precincts),
        store(home, OUTLOOK, basis, _frame(outlook(county_panel, settings, seeds), OutlookRow), common | OUTLOOK_CARD),
    ]


def error_sizes(counties: Panel | None, precincts: Panel | None) -> list[ErrorSize]:
    """The parts of the joint error of share and of votes: priors averaged with what past elections showed."""
    from .projection import fit_errors
    from .projection.errors import fit

    wide = fit([], []) if counties is None else fit_errors(counties)
    narrow = None if precincts is None or len(precincts.years) <= 2 else fit_errors(precincts)
    return [
        size
        for measure in ("share", "votes")
        for size in [*_shared(wide, measure), _place(wide, narrow, measure)]
    ]  # fmt: skip


def _shared(model: ErrorModel, measure: str) -> list[ErrorSize]:
    component = getattr(model, measure)
    return [
        ErrorSize(measure, part, getattr(component, part).sd, getattr(component, part).df)
        for part in ("national", "state", "county")
    ]


def _place(wide: ErrorModel, narrow: ErrorModel | None, measure: str) -> ErrorSize:
    """What a precinct strays beyond its county: its whole error given the state, less the county's share of it."""
    if narrow is None:
        return PLACE_PRIOR[measure]
    whole, county = getattr(narrow, measure).county, getattr(wide, measure).county
    beyond = max(whole.sd**2 - county.sd**2, (PLACE_PRIOR[measure].sd / 4) ** 2) ** 0.5
    return ErrorSize(measure, "precinct", beyond, whole.df)


def outlook(panel: Panel | None, settings: Settings, seeds: Path) -> list[OutlookRow]:
    """Each state of the county table in the next presidential election, best state of the party first.

    Empty without county results, or for a party that is neither D nor R. Where the table lacks states, what is needed
    is a majority of the votes of those it has, and ``is_complete`` is false.
    """
    from .projection import electoral_college, fit_errors, project, simulate

    party = settings.campaign.party_code
    if panel is None or party not in ("D", "R"):
        return []
    coming = settings.campaign.election_date.year
    year = coming + -coming % 4
    history = panel.before(year) if panel.years[-1] >= year else panel
    projection, errors = project(history, year), fit_errors(history)
    college = electoral_votes(seeds / "electoral_votes.csv", year)
    names = [s for s in projection.states if s in college]
    if not names:
        return []
    complete = sum(college[s] for s in names) == COLLEGE
    own = [projection.results[s].share if party == "D" else 1 - projection.results[s].share for s in names]
    table = electoral_college(
        names, own, [college[s] for s in names], errors.share, needed=NEEDED if complete else None
    )
    bands = {}
    for name in names:
        units = [i for i, s in enumerate(projection.state) if projection.states[s] == name]
        bands[name] = simulate(projection, errors, units).band()[1]  # type: ignore[arg-type]
    rows, counted = [], 0
    for row in table.rows:
        before, counted = counted, counted + row.electoral_votes
        rows.append(
            OutlookRow(
                year, row.state, row.electoral_votes, table.needed, complete, row.share, row.share_low, row.share_high,
                round(projection.results[row.state].votes), int(bands[row.state][0]), int(bands[row.state][1]) + 1,
                row.win_probability, row.tipping_point_probability, counted, before < table.needed <= counted,
                table.win_probability,
            )
        )  # fmt: skip
    return rows


def electoral_votes(seed: Path, year: int) -> dict[str, int]:
    """Electoral votes by state in ``year``; empty for a year the seed does not cover."""
    with seed.open(encoding="utf-8", newline="") as file:
        return {
            row["state"]: int(row["electoral_votes"])
            for row in csv.DictReader(file)
            if int(row["first_year"]) <= year <= int(row["last_year"])
        }


def _store_backtest(
    home: Path, basis: object, common: dict[str, Any], counties: pl.DataFrame, precincts: pl.DataFrame
) -> ModelVersion:
    import polars as pl

    from .backtest import BacktestRow, backtest

    rows: list[tuple[Any, ...]] = []
    for level, table, least in (("county", counties, 2), ("precinct", precincts, 1)):
        # Fewer elections than that leave nothing to project.
        if table.is_empty() or table["year"].n_unique() <= least:
            continue
        rows += [(level, *astuple(row)) for row in backtest(table, least=least).rows]
    names = ["unit", *(f.name for f in fields(BacktestRow))]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None) if rows else _no_record(names)
    return store(home, BACKTEST, basis, frame, common | {
        "purpose": "record",
        "target": "two-party presidential share and total votes of counties and of precincts, each past election "
                  "projected with only what came before it",
        "method": "the projection beside the naive rules; see docs/backtest.md",
        "metrics": {f"{r[0]} {r[1]} {r[2]} given {r[3]}: {r[4]}": round(r[5], 3) for r in rows if r[4] == "model"},
        "metrics_are": "mean absolute error weighted by votes: points of share, percent of votes",
        "limits": ["A precinct is the same place only where its code is; new and renumbered ones are not scored.",
                   "Method and priors were chosen by people who know how these elections went."],
        "not_for": "judging one state or one campaign",
    })  # fmt: skip


def _no_record(names: list[str]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(schema=dict.fromkeys(names, pl.String))


OUTLOOK_CARD: dict[str, Any] = {
    "purpose": "rank",
    "target": "two-party share and total votes of each state in the next presidential election",
    "method": "expected level of each state, shared national and state errors, correlated simulation of the college",
    "limits": [
        "States without county results are missing; the path is then one within the states given.",
        "Maine and Nebraska are counted as wholes although they split their electors by district.",
    ],
    "not_for": "summing into expected votes of a contest; the ledger has its own turnout",
}


def _errors_card(sizes: list[ErrorSize]) -> dict[str, Any]:
    return {
        "purpose": "interval",
        "target": "how far projections of share (log odds) and votes (log) were off, in shared parts",
        "method": "misses of past elections averaged with stated priors, Student's t by elections seen",
        "metrics": {f"{s.measure} {s.part}": f"sd {s.sd:.4f}, {s.df:.1f} elections" for s in sizes},
        "limits": [
            "Learned from presidential elections; other offices and mid-terms carry an error of their own on top.",
            "One election says little: with few elections the bands are wide.",
        ],
        "not_for": "errors of a poll",
    }


def _span(counties: Panel | None, precincts: Panel | None) -> dict[str, Any]:
    return {
        "trained_on": {
            "counties": [] if counties is None else [str(y) for y in counties.years],
            "precincts": [] if precincts is None else [str(y) for y in precincts.years],
        }
    }


def _table(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """A result as a frame of text, as ``read_panel`` takes it (no Arrow in between: it is not among our packages)."""
    import polars as pl

    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    rows = [[None if value is None else str(value) for value in row] for row in found.fetchall()]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _panel(table: pl.DataFrame) -> Panel | None:
    from .projection import read_panel

    return None if table.is_empty() else read_panel(table)


def _standing(home: Path, name: str, basis: str) -> ModelVersion | None:
    return next((v for v in stored(home, name) if v.card.get("basis") == basis), None)


def _data_as_of(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.execute("select max(data_as_of) from config.campaign").fetchall()[0][0])


def _frame(rows: list[Any], kind: type[Any]) -> pl.DataFrame:
    import polars as pl

    names = [f.name for f in fields(kind)]
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.DataFrame([astuple(row) for row in rows], schema=names, orient="row")
