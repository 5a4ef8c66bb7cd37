"""Fit what must be fitted, from the tables the first dbt run built.

Reads people as bins and certified votes out of the build database, decides whether a stored version still
stands, and otherwise fits and stores a new one. *Fit seldom, score daily*: a stored version stands while its
labels (which elections, which certified votes), the settings and the code are the same and the electorate has
not drifted; names moving in and out of a file from day to day are no reason to refit.
Does not belong here: the arithmetic (``turnout``, ``support``) and the store (``registry``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import scorecard, support, turnout
from .registry import ModelVersion, code_digest, digest, store, stored

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

HERE = Path(__file__).resolve().parent
# The bins are written there, so a change there is a change of the model.
FEATURES_SQL = HERE.parents[1] / "dbt_project" / "macros" / "turnout_features.sql"
# Fewer people of known side than this say nothing of the others.
LEAST_LEARNED = 200
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
        "code": code_digest(HERE / "turnout.py", HERE / "scorecard.py", FEATURES_SQL),
        "training_elections": _elections(settings, "turnout"),
        "coming_election": settings.campaign.election_date.isoformat(),
        "known": known,
    }
    size = _size(con, "is_in_training", "voted_in_training")
    for version in stored(home, turnout.NAME):
        if version.card.get("basis") == digest(basis) and _stands(version.card["size"], size):
            return version
    people = _training_people(con)
    result = turnout.fit(people)
    return store(home, turnout.NAME, [basis, _frame_digest(people)], {"turnout_points": _frame(result.points)}, {
        "purpose": "count",
        "target": "did this registered voter vote in the training election",
        "training_elections": basis["training_elections"],
        "applied_to": basis["coming_election"],
        "data_as_of": _data_as_of(con),
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
        "limits": [
            "Survivorship: trained on people still on file; those removed since the training election are missing "
            "(share_of_certified_ballots_still_on_file says how many of its voters are left). Its counterpart today "
            "are people who are gone but not removed yet: inactive people who voted in one of the last two generals "
            "get a tenth of the odds, other inactive people two thirds, assumptions that no file of today can check.",
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


def fit_support(con: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> ModelVersion:
    """The support version to score with."""
    import polars as pl

    certified = pl.DataFrame(con.sql(
        """select state, county_fips, precinct_id, sum(votes_for)::bigint as votes_for,
            sum(votes_against)::bigint as votes_against
        from intermediate.int_results__precinct_shares
        group by all order by all"""
    ))  # fmt: skip
    party_code = settings.campaign.party_code
    basis = {
        "code": code_digest(*(HERE / f"{name}.py" for name in ("support", "shifts", "central", "scorecard"))),
        "elections": _elections(settings, "support"),
        "party_code": party_code,
        "certified": _frame_digest(certified),
    }
    size = _size(con, "true", "voted_in_support")
    if not size:
        raise ValueError("support: no registered voters in int_voters__features; check the accepted voter files")
    for version in stored(home, support.NAME):
        same = version.card.get("basis") == digest(basis) and _stands(version.card["size"], size)
        if same and _new_precincts(con, version) <= MOST_NEW_PRECINCTS:
            return version
    cells, precincts = _support_cells(con)
    card = _leaning(con, certified)
    fits = {}
    for state in sorted(size):
        own = (frame.filter(pl.col("state") == state) for frame in (cells, precincts, certified))
        fits[state] = support.fit(support.Precincts(state, *own), party_code, card)
    frames = {
        "support_points": _frame([point for state in sorted(fits) for point in fits[state].points]),
        "support_areas": _frame([area for state in sorted(fits) for area in fits[state].areas]),
    }
    return store(home, support.NAME, [basis, _frame_digest(cells), _frame_digest(precincts)], frames, {
        "purpose": "count",
        "target": "two-party preference for the campaign's party among those who voted",
        "party_code": party_code,
        "calibrated_to": basis["elections"],
        "data_as_of": _data_as_of(con),
        "features": ["party registration", "last primary ballot", "race where the state's file has it",
                     "parties and ballots of the others at the address", "age", "sex",
                     "precinct, then county, then state"],
        "method": "group rates by regression over precincts; what address, age and sex say of a person's party "
                  f"carries over to the vote by {support.FREE:g} (party unknown) or {support.HELD:g} (known); one "
                  "logit shift per precinct to the certified votes, central votes put back first",
        "calibration": f"to the vote in precincts with at least {support.LEAST_VOTES} two-party votes and "
                       f"{support.LEAST_VOTERS} voters on file; smaller ones lean on their make-up as if by "
                       f"{support.STRENGTH:g} votes; the left-over shift is published in score_calibration",
        "metrics": {"precinct_error_of_make_up_alone":
                    {state: fits[state].record["precinct_error_of_make_up_alone"] for state in sorted(fits)}},
        "by_state": {state: fits[state].record for state in sorted(fits)},
        "limits": [
            "Nobody's vote is known: inside a precinct and group the order of people rests on their party's, their "
            "household's and their age's leaning, not on their votes.",
            "People who moved since the certified election count where they voted if snapshots reach back that far, "
            "and where they live today if not; lines that moved under an unchanged code cannot be seen.",
            "Where a state has no party registration, the group is the last primary ballot taken.",
            "Rates of groups are read across precincts and can be off where groups vote differently in places where "
            "they are many.",
        ],
        "do_not_use_for": ["how a named person voted", "offices with strong local candidates, without their own "
                           "certified results", "people not on file"],
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


def _support_cells(con: duckdb.DuckDBPyConnection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Those who voted in the calibration election, summed over people alike; and today's precincts."""
    import polars as pl

    cells = con.sql(
        """select state, county_fips, precinct_id, then_precinct_id, "group", household, age, sex,
            count(*)::bigint as voters
        from intermediate.int_scores__support_features where voted_in_support group by all order by all"""
    )
    precincts = con.sql(
        "select distinct state, county_fips, precinct_id from intermediate.int_voters__features order by all"
    )
    return pl.DataFrame(cells), pl.DataFrame(precincts)


def _leaning(con: duckdb.DuckDBPyConnection, certified: pl.DataFrame) -> scorecard.Scorecard | None:
    """What address, age and sex say of the side of those whose side is known; None where nobody's is."""
    import polars as pl

    rows = con.execute(
        "select count(*) from intermediate.int_scores__support_features where leaning is not null"
    ).fetchall()[0][0]
    share = min(1.0, support.MOST_LEARNED / max(rows, 1))
    people = pl.DataFrame(con.sql(
        f"""select state, precinct_id, substr(household, 6) as household, substr(age, 6) as age,
            substr(sex, 6) as sex, race, leaning = 'D' as is_democrat
        from intermediate.int_scores__support_features
        where leaning is not null and substr(md5(voter_id), 2, 6) <= '{int(share * 0xFFFFFF):06x}'
        order by md5(voter_id)"""
    ))  # fmt: skip
    if len(people) < LEAST_LEARNED or people["is_democrat"].n_unique() < 2:
        return None
    tenth = (10 * pl.col("votes_for") / (pl.col("votes_for") + pl.col("votes_against"))).floor().cast(pl.String)
    shares = certified.filter(pl.col("precinct_id").is_not_null()).select("precinct_id", tenth.alias("around"))
    shares = shares.unique("precinct_id", keep="first", maintain_order=True)
    people = people.join(shares, on="precinct_id", how="left", maintain_order="left")
    return support.leaning(people.with_columns(pl.col("around").fill_null("unknown")))


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


def _size(con: duckdb.DuckDBPyConnection, who: str, did: str) -> dict[str, list[float]]:
    """By state, how many people and which share of them did it: what drift is measured by."""
    rows = con.execute(
        f"""select state, count(*)::bigint, (count(*) filter (where {did})) / count(*)
        from intermediate.int_voters__features where {who} group by state order by state"""
    ).fetchall()
    return {state: [people, round(rate, 6)] for state, people, rate in rows}


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
        [str(version.folder / "support_areas.parquet")],
    ).fetchall()
    return float(rows[0][0])


def _elections(settings: Settings, purpose: str) -> list[str]:
    return sorted(
        f"{c.state} {c.election_date} {c.office_code}" for c in settings.campaign.comparables if c.purpose == purpose
    )


def _data_as_of(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.execute("select max(data_as_of) from config.campaign").fetchall()[0][0])


def _frame(rows: Sequence[Any]) -> pl.DataFrame:
    import polars as pl

    names = list(type(rows[0]).__dataclass_fields__)
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in names})


def _frame_digest(frame: pl.DataFrame) -> str:
    """SHA-256 of a table as text, in its order."""
    return hashlib.sha256(frame.write_csv().encode()).hexdigest()
