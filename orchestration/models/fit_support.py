"""Fit support from the tables the first dbt run built: certified votes, people as bins, and what people answered.

A stored version stands (``fitting``) while the same certified votes and the same answers lie behind it and nearly
nobody lives in a precinct that it has not met. Does not belong here: the arithmetic (``support``, ``identified``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import fitting, identified, scorecard, support
from .registry import ModelVersion, code_digest, digest, store, stored

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from orchestration.settings import Settings

HERE = Path(__file__).resolve().parent
CODE = ("support", "identified", "shifts", "central", "scorecard", "fit_support")
# Fewer people of known side than this say nothing of the others.
LEAST_LEARNED = 200
# Share of people in precincts that a stored version has not met, above which it is refitted.
MOST_NEW_PRECINCTS = 0.02
# In SQL, beside a left join to ``support_answers`` as ``given``.
ANSWER = f"""coalesce(bins."group" || ' ' || given.support_answer, '{identified.NOT_ASKED}')"""


def fit_support(
    con: duckdb.DuckDBPyConnection, home: Path, settings: Settings, links: Path | None = None
) -> ModelVersion:
    """The support version to score with."""
    import polars as pl

    certified = pl.DataFrame(con.sql(
        """select state, county_fips, precinct_id, sum(votes_for)::bigint as votes_for,
            sum(votes_against)::bigint as votes_against
        from intermediate.int_results__precinct_shares
        group by all order by all"""
    ))  # fmt: skip
    party_code = settings.campaign.party_code
    asked = _answers(con, links)
    basis = {
        "code": code_digest(*(HERE / f"{name}.py" for name in CODE)),
        # An answer counts on the day it is known: precincts add up to the vote only with the same answers.
        "answers": fitting.frame_digest(asked),
        "elections": fitting.elections(settings, "support"),
        "party_code": party_code,
        "certified": fitting.frame_digest(certified),
    }
    size = fitting.size_of(con, "true", "voted_in_support")
    if not size:
        raise ValueError("support: no registered voters in int_voters__features; check the accepted voter files")
    for version in stored(home, support.NAME):
        same = version.card.get("basis") == digest(basis) and fitting.stands(version.card["size"], size)
        if same and _new_precincts(con, version) <= MOST_NEW_PRECINCTS:
            return version
    cells, precincts = _support_cells(con)
    card = _leaning(con, certified)
    states = [
        support.Precincts(state, *(frame.filter(pl.col("state") == state) for frame in (cells, precincts, certified)))
        for state in sorted(size)
    ]
    fits = {data.state: support.fit(data, party_code, card) for data in states}
    corrections = identified.learn(_asked_people(con, fits, card, party_code))
    if corrections.groups:
        fits = {data.state: support.fit(data, party_code, card, corrections) for data in states}
    frames = {
        "support_points": fitting.frame([point for state in sorted(fits) for point in fits[state].points]),
        "support_areas": fitting.frame([area for state in sorted(fits) for area in fits[state].areas]),
    }
    return store(home, support.NAME, [basis, fitting.frame_digest(cells), fitting.frame_digest(precincts)], frames, {
        "purpose": "count",
        "target": "two-party preference for the campaign's party among those who voted",
        "party_code": party_code,
        "calibrated_to": basis["elections"],
        "data_as_of": fitting.data_as_of(con),
        "features": ["party registration", "last primary ballot", "race where the state's file has it",
                     "parties and ballots of the others at the address", "age", "sex",
                     "the newest answer given at the door, on the telephone or by text",
                     "precinct, then county, then state"],
        "method": "group rates by regression over precincts; what address, age and sex say of a person's party "
                  f"carries over to the vote by {corrections.carried['free']:g} (party unknown) or "
                  f"{corrections.carried['held']:g} (known); both corrected by what identified supporters answered, "
                  f"apart from its level; whoever answered is brought {identified.ANSWER_WEIGHT:.0%} of the distance "
                  "to the share that the answer stands for; one logit shift per precinct to the certified votes, "
                  "central votes put back first",
        "labels": {"answers": len(asked), "by_answer": _counts(asked), **corrections.record,
                   "corrections_of_groups": {f"{s} {g}": v for (s, g), v in corrections.groups.items()}},
        "calibration": f"to the vote in precincts with at least {support.LEAST_VOTES} two-party votes and "
                       f"{support.LEAST_VOTERS} voters on file; smaller ones lean on their make-up as if by "
                       f"{support.STRENGTH:g} votes; the left-over shift is published in score_calibration",
        "metrics": {"precinct_error_of_make_up_alone":
                    {state: fits[state].record["precinct_error_of_make_up_alone"] for state in sorted(fits)}},
        "by_state": {state: fits[state].record for state in sorted(fits)},
        "limits": [
            "Nobody's vote is known: inside a precinct and group the order of people rests on their party's, their "
            "household's and their age's leaning and on answers, not on their votes.",
            "Which share of those giving an answer means it is an assumption (a strong one 95 in 100, a leaning one "
            "70), and an answer does not age. Who answers is no fair sample: answers order people and set no level.",
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


def _support_cells(con: duckdb.DuckDBPyConnection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Those who voted in the calibration election, summed over people alike; and today's precincts."""
    import polars as pl

    cells = con.sql(
        f"""select bins.state, bins.county_fips, bins.precinct_id, bins.then_precinct_id, bins."group", bins.household,
            bins.age, bins.sex, {ANSWER} as answer, count(*)::bigint as voters
        from intermediate.int_scores__support_features as bins
        left join support_answers as given on bins.voter_id = given.voter_id
        where bins.voted_in_support group by all order by all"""
    )
    precincts = con.sql(
        "select distinct state, county_fips, precinct_id from intermediate.int_voters__features order by all"
    )
    return pl.DataFrame(cells), pl.DataFrame(precincts)


def _answers(con: duckdb.DuckDBPyConnection, links: Path | None) -> pl.DataFrame:
    """The newest answer of each voter, as int_contact__support_ids has it once links are known; a temp table, too."""
    import polars as pl

    if links is None:
        con.execute(
            "create or replace temp table support_answers (voter_id varchar, support_answer integer, asked varchar)"
        )
    else:
        con.execute(
            """create or replace temp table support_answers as
            select links.voter_id, answers.support_answer,
                case answers.channel when 'text' then 'text' else 'talk' end as asked
            from intermediate.int_contact__support_answers as answers
            inner join read_parquet(?) as links on answers.record_id = links.record_id
            where links.voter_id is not null
            qualify row_number() over (
                partition by links.voter_id order by answers.asked_at desc, answers.answer_id desc) = 1""",
            [str(links)],
        )
    return pl.DataFrame(con.sql("select * from support_answers order by voter_id"))


def _counts(asked: pl.DataFrame) -> dict[str, int]:
    """How many gave each answer."""
    return {str(a): n for a, n in sorted(asked["support_answer"].value_counts().iter_rows())}


def _asked_people(
    con: duckdb.DuckDBPyConnection, fits: Mapping[str, support.Fit], card: scorecard.Scorecard | None, party_code: str
) -> pl.DataFrame:
    """Everybody with an answer, and what the fits without answers make of group, area, household, age and sex."""
    import polars as pl

    people = pl.DataFrame(con.sql(
        """select bins.state, bins.precinct_id, bins.county_fips, bins."group", bins.household, bins.age, bins.sex,
            substr(bins.household, 1, 4) as kind, given.asked,
            cast(given.support_answer as varchar) as answer
        from intermediate.int_scores__support_features as bins
        inner join support_answers as given on bins.voter_id = given.voter_id
        order by md5(bins.voter_id)"""
    ))  # fmt: skip
    areas = fitting.frame([area for state in sorted(fits) for area in fits[state].areas])
    for level, name in (("precinct", "precinct_id"), ("county", "county_fips")):
        shifts = areas.filter(pl.col("area_level") == level).select(
            pl.col("area_id").alias(name), pl.col("logit_shift").alias(level)
        )
        people = people.join(shifts, on=name, how="left", maintain_order="left")
    points = tuple(point for state in sorted(fits) for point in fits[state].points)
    odds = scorecard.Scorecard(("group",), points).scores(people)
    shift = people.select(pl.coalesce("precinct", "county", pl.lit(0.0))).to_series().to_numpy()
    plain = people.with_columns(pl.col(name).str.slice(5) for name in support.LEANING)
    says = scorecard.Scorecard(support.LEANING, _without_start(card)).scores(plain) if card else np.zeros(len(people))
    return people.with_columns(
        pl.Series("odds", odds + shift), pl.Series("leaning", support.side_of(party_code) * says, dtype=pl.Float64)
    )


def _without_start(card: scorecard.Scorecard) -> tuple[scorecard.Point, ...]:
    """Its points with an intercept of nothing: the level of a side is in the group already."""
    return tuple(replace(p, points=0.0) if p.feature == scorecard.INTERCEPT else p for p in card.points)


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


def _new_precincts(con: duckdb.DuckDBPyConnection, version: ModelVersion) -> float:
    """Share of today's voters whose precinct the stored version has no row for."""
    rows = con.execute(
        """with known as (select distinct area_id from read_parquet(?) where area_level = 'precinct')
        select coalesce(avg((known.area_id is null)::integer), 0)
        from intermediate.int_voters__features as voters left join known on voters.precinct_id = known.area_id""",
        [str(version.folder / "support_areas.parquet")],
    ).fetchall()
    return float(rows[0][0])
