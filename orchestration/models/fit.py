"""Fit turnout, and say what else is fitted, from the tables the first dbt run built.

Reads people as bins out of the build database, decides whether a stored version still stands (``fitting``), and
otherwise fits and stores a new one. Does not belong here: the arithmetic (``turnout``), support (``fit_support``) and
the store (``registry``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import fitting, scorecard, turnout
from .fit_support import fit_support
from .registry import ModelVersion, code_digest, digest, store, stored

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

HERE = Path(__file__).resolve().parent
# The bins are written there, so a change there is a change of the model.
FEATURES_SQL = HERE.parents[1] / "dbt_project" / "macros" / "turnout_features.sql"


def fit_all(
    con: duckdb.DuckDBPyConnection, home: Path, settings: Settings, links: Path | None = None
) -> list[ModelVersion]:
    """The turnout and support versions to score with, fitted now or found in the store.

    ``con``: the build database after ``dbt build --select tag:features``. ``links``: the file of links that says which
    voter gave which answer (``identity.link``), or None where nobody was asked. Raises ValueError when the tables hold
    nobody to learn from.
    """
    return [fit_turnout(con, home, settings), fit_support(con, home, settings, links)]


def fit_turnout(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> ModelVersion:
    """The turnout version to score with."""
    known = _known_positions(con)
    basis = {
        "code": code_digest(HERE / "turnout.py", HERE / "scorecard.py", FEATURES_SQL),
        "training_elections": fitting.elections(settings, "turnout"),
        "coming_election": settings.campaign.election_date.isoformat(),
        "known": known,
    }
    size = fitting.size_of(con, "is_in_training", "voted_in_training")
    for version in stored(home, turnout.NAME):
        if version.card.get("basis") == digest(basis) and fitting.stands(version.card["size"], size):
            return version
    people = _training_people(con)
    moved = _moved(con)
    result = turnout.fit(people, moved)
    frames = {"turnout_points": fitting.frame(result.points)}
    return store(home, turnout.NAME, [basis, moved, fitting.frame_digest(people)], frames, {
        "purpose": "count",
        "target": "did this registered voter vote in the training election",
        "training_elections": basis["training_elections"],
        "applied_to": basis["coming_election"],
        "data_as_of": fitting.data_as_of(con),
        "training_voters_used": len(people),
        "features": [
            "last eight generals, primaries of four even years, November elections of four odd years (voted, stayed "
            "home, not registered yet), as patterns and as one record with recent elections heaviest",
            "age on election day", "days since first known as a voter", "party, sex and race where the file has them",
            "record of the others at the address", "how the precinct voted at the last general, against its state",
            "whether registered after the last general (then age, tenure, party and household have bins of their own)",
        ],
        "method": "scorecard: logistic regression on bins, points by state leaning on points of all states "
                  f"(normal priors {scorecard.PRIOR_SD:g} and {scorecard.STATE_SD:g}); scored in SQL",
        "compared_with": "gradient boosting on the same bins (HistGradientBoostingClassifier, 80 trees); the "
                         f"scorecard stays unless it loses more than {turnout.MOST_LOST_AUC:g} of AUC",
        "kept": "scorecard" if result.metrics.get("auc_lost_against_boosting", 0) <= turnout.MOST_LOST_AUC
                else "scorecard, although boosting is better by more than that: add what it sees as a feature",
        "metrics": result.metrics,
        "metrics_are": "out of sample: each half of the people scored by a fit on the other half",
        "calibration": {"deciles": result.deciles},
        "by_state": result.by_state,
        "share_of_certified_ballots_still_on_file": _survivors(con),
        "share_of_recent_voters_inactive": moved,
        "limits": [
            "Survivorship: trained on people still on file; those removed since the training election are missing "
            "(share_of_certified_ballots_still_on_file says how many of its voters are left). Its counterpart today "
            "are people who are gone but not removed yet: inactive people who voted in one of the last two generals "
            f"get {turnout.STILL_THERE['inactive since voting']:.0%} of the chance, other inactive people "
            f"{turnout.STILL_THERE['inactive']:.0%}; active people who voted in one of them get what those who had "
            f"moved by the training election took from it, {turnout.STILL_ON_FILE:.0%} of them taken to be on file "
            "still. These are assumptions that no file of today can check.",
            "Party, sex, race, household and precinct are those of today, also in training; no vote after the "
            "training election is used.",
            "Whoever registers between the newest snapshot and the election is not counted.",
            "The level is that of the training election: what moves a whole state is not in here, but in the "
            "projection and its band.",
        ],
        "do_not_use_for": ["who voted (the record says that)", "primaries and local elections", "people not on file",
                           "deciding about one person: it is a probability, for counting and for ordering lists"],
        "basis": digest(basis),
        "size": size,
    })  # fmt: skip


def _training_people(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The people to learn turnout from, in an order of their own; in large files a sample by their ids."""
    import polars as pl

    rows = con.execute("select count(*) from intermediate.int_voters__features where is_in_training").fetchall()[0][0]
    share = min(1.0, turnout.MOST_LEARNED / max(rows, 1))
    picked = ", ".join(f'"{name}"' for name in turnout.FEATURES)
    return pl.DataFrame(con.sql(
        f"""with drawn as (
            select *, md5(voter_id) as draw from intermediate.int_scores__turnout_training
        )
        select state, {picked}, voted, case when substr(draw, 1, 1) < '8' then 0 else 1 end as half
        from drawn where substr(draw, 2, 6) <= '{int(share * 0xFFFFFF):06x}'
        order by substr(draw, 8), draw"""
    ))  # fmt: skip


def _moved(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """By state, of those who voted in one of the last two generals the share that is inactive now."""
    rows = con.execute(
        """select state, avg(case when status = 'inactive since voting' then 1 else 0 end)
        from intermediate.int_scores__turnout_coming where status like '% since voting'
        group by state order by state"""
    ).fetchall()
    return {state: round(share, 6) for state, share in rows}


def _survivors(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """By state, voters on file who voted in the training election, over the certified votes for its top office."""
    rows = con.execute(
        """with certified as (
            select results.state, results.office_code, sum(results.votes) as votes
            from intermediate.int_results__certified as results
            inner join config.comparable_elections as comparables
                on results.state = comparables.state and results.election_date = comparables.election_date
            where comparables.purpose = 'turnout' and comparables.office_code = 'all'
            group by all
        ), foremost as (select state, max(votes) as votes from certified group by state)
        select foremost.state, count(*) filter (where voters.voted_in_training) / foremost.votes
        from foremost inner join intermediate.int_voters__features as voters on foremost.state = voters.state
        where foremost.votes > 0 group by foremost.state, foremost.votes order by foremost.state"""
    ).fetchall()
    return {state: round(share, 4) for state, share in rows}


def _known_positions(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    rows = con.execute(
        """select state, kind, string_agg(case when is_known then '?' else '.' end, '' order by position)
        from intermediate.int_votes__pattern_elections where role = 'coming'
        group by state, kind order by state, kind"""
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for state, kind, letters in rows:
        found.setdefault(state, {})[kind] = letters
    return found
