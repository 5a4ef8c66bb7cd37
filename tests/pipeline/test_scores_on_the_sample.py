"""The scores of a refreshed sample: SQL and numpy agree, two runs agree, and nothing was peeked at."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from benchmarks import scores as figures
from orchestration.models import fit, support, turnout
from orchestration.models.scorecard import Point, Scorecard, logistic

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "dbt_project" / "models"
SUMMED = re.compile(r"\b(sum|avg|mean|median)\s*\((?:[^()]|\([^()]*\))*(?:\([^()]*)?persuadability", re.I)


@pytest.fixture(scope="module")
def warehouse(refreshed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse that the refresh built, to be changed at will."""
    copy = tmp_path_factory.mktemp("scores") / "warehouse.duckdb"
    shutil.copy(refreshed_home / "build" / "active" / "warehouse.duckdb", copy)
    with duckdb.connect(str(copy)) as con:
        yield con


def table(con: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    return pl.DataFrame(con.sql(sql))


def card(con: duckdb.DuckDBPyConnection, name: str, features: tuple[str, ...]) -> Scorecard:
    rows = con.execute(
        f"select state, feature, bin, points::double, training_voters from models.{name} order by all"
    ).fetchall()
    return Scorecard(features, tuple(Point(*row) for row in rows))


def compiled(home: Path, model: str) -> str:
    path = sorted((home / "build" / "active").glob(f"dbt_*/compiled/**/{model}.sql"))[0]
    return path.read_text(encoding="utf-8")


def test_sql_and_numpy_give_the_same_turnout(warehouse: duckdb.DuckDBPyConnection) -> None:
    people = table(
        warehouse,
        """select bins.*, scores.p_turnout::double as p from intermediate.int_scores__turnout_coming as bins
        inner join intermediate.int_scores__voters as scores on bins.voter_id = scores.voter_id
        inner join intermediate.int_voters__features as voters on bins.voter_id = voters.voter_id
        where voters.coming_age_band <> '17-' order by bins.voter_id""",
    )
    points = card(warehouse, "turnout_points", turnout.FEATURES)
    assert len(people) > 1000
    assert np.abs(turnout.probabilities(points, people) - people["p"].to_numpy()).max() < 1.5e-6


def test_sql_and_numpy_give_the_same_support(warehouse: duckdb.DuckDBPyConnection) -> None:
    people = table(
        warehouse,
        """select bins.*, scores.p_support::double as p, areas.logit_shift::double as shift,
            coalesce(bins."group" || ' ' || ids.support_answer, 'none') as answer
        from intermediate.int_scores__support_features as bins
        left join intermediate.int_contact__support_ids as ids on bins.voter_id = ids.voter_id
        inner join intermediate.int_scores__voters as scores on bins.voter_id = scores.voter_id
        inner join models.support_areas as areas on bins.precinct_id = areas.area_id and areas.area_level = 'precinct'
        order by bins.voter_id""",
    )
    odds = card(warehouse, "support_points", support.FEATURES).scores(people) + people["shift"].to_numpy()
    expected = np.clip(logistic(odds), support.FLOOR, support.CEILING)
    assert np.abs(expected - people["p"].to_numpy()).max() < 1.5e-6
    # The sample's people were asked, and the answers are in the scores.
    assert (people["answer"] != "none").sum() > 100


def test_precincts_add_up_to_the_vote_with_the_answers_of_all_who_were_asked(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        """select areas.area_id, count(*), sum(scores.p_support)::double - areas.certified_share::double * count(*)
        from intermediate.int_voters__features as voters
        inner join intermediate.int_scores__voters as scores on voters.voter_id = scores.voter_id
        inner join models.support_areas as areas
            on areas.area_level = 'precinct' and voters.precinct_id = areas.area_id
        where areas.basis in ('certified', 'shrunk') and voters.voted_in_support
        group by areas.area_id, areas.certified_share"""
    ).fetchall()
    assert len(rows) > 100
    # A precinct that is all for one side stays within the bounds of a probability, half a thousandth.
    assert max(abs(off) / people for _, people, off in rows) < 0.0006


def test_two_runs_of_the_scoring_give_the_same_scores(
    warehouse: duckdb.DuckDBPyConnection, refreshed_home: Path
) -> None:
    warehouse.execute(f"create or replace temp table again as {compiled(refreshed_home, 'int_scores__voters')}")
    (differing,) = warehouse.execute(
        "select count(*) from (select * from again except select * from intermediate.int_scores__voters)"
    ).fetchone() or (1,)
    assert differing == 0


def test_nothing_that_happened_after_the_training_election_is_learned_from(
    warehouse: duckdb.DuckDBPyConnection, refreshed_home: Path
) -> None:
    before = fit._training_people(warehouse)
    # Nonsense after 8 November 2022: half of the votes vanish, and people vote who never did.
    warehouse.execute(
        """delete from intermediate.int_votes__elections
        where election_date > date '2022-11-08' and substr(md5(voter_id), 1, 1) < '8'"""
    )
    warehouse.execute(
        """insert into intermediate.int_votes__elections
        select voter_id, state, date '2024-11-05', 'general', null, 'mail' from intermediate.int_voters__features
        where substr(md5(voter_id), 2, 1) < '8' and voter_id not in (
            select voter_id from intermediate.int_votes__elections where election_date = date '2024-11-05')"""
    )
    features = compiled(refreshed_home, "int_voters__features")
    warehouse.execute(f"create or replace table intermediate.int_voters__features as {features}")
    after = fit._training_people(warehouse)
    assert len(before) > 1000
    assert after.equals(before)


def test_the_scores_know_more_than_chance(refreshed_home: Path) -> None:
    found = figures.run(refreshed_home, least=200)
    assert found["turnout"]["auc"] > 0.8
    assert abs(found["turnout"]["mean"] - found["turnout"]["mean_of_truth"]) < 0.03
    assert found["support"]["auc"] > 0.8


def test_the_benchmark_says_what_is_not_as_promised() -> None:
    kept: dict[str, Any] = {
        "turnout": {"auc": 0.87, "auc_of_truth": 0.879, "decile_points_off": [-0.9, 0.3]},
        "turnout_by_county": {"areas": 9, "share_of_people_within_one_point": 0.97},
    }
    assert figures.broken_promises(kept) == []
    worse = {"turnout": {"auc": 0.86, "auc_of_truth": 0.879, "decile_points_off": [-1.1, 0.3]},
             "turnout_by_county": {"areas": 9, "share_of_people_within_one_point": 0.9}}  # fmt: skip
    assert [said.split(" ")[0] for said in figures.broken_promises(worse)] == ["AUC", "a", "counties"]
    assert figures.broken_promises(kept | {"turnout_by_county": {"areas": 0}}) == []


def test_a_rank_is_never_added_up() -> None:
    files = [*MODELS.rglob("*.sql"), *(ROOT / "dbt_project" / "tests").rglob("*.sql")]
    assert SUMMED.search("select sum(scores.persuadability) from x")
    assert SUMMED.search("avg(case when a then cast(persuadability as double) end)")
    assert not [path.name for path in files if SUMMED.search(path.read_text(encoding="utf-8"))]
