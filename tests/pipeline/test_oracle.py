"""The published goal table against one worked out independently from the accepted rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from oracle import LINES, oracle_goals
from oracle.ledger import ADDED, KEY


@pytest.fixture(scope="module")
def published(refreshed_home: Path) -> pl.DataFrame:
    table = pl.read_parquet(refreshed_home / "current" / "parquet" / "district_vote_goals.parquet")
    return table.with_columns((pl.col("cost_usd") * 100).cast(pl.Int64).alias("cost_cents")).sort(KEY)


@pytest.fixture(scope="module")
def worked_out(refreshed_home: Path) -> pl.DataFrame:
    return oracle_goals(refreshed_home)


def test_an_independent_recomputation_gives_the_same_goal_table(
    published: pl.DataFrame, worked_out: pl.DataFrame
) -> None:
    assert set(published["geography_type"]) == {
        "contest", "state", "congressional_district", "state_senate_district", "state_house_district", "county",
        "municipality", "precinct", "media_market",
    }  # fmt: skip
    assert published.select(KEY).unique().height == published.height
    assert published.select(KEY).rows() == worked_out.select(KEY).rows()
    differing: dict[str, Any] = {}
    for line in LINES:
        wrong = published[line].ne_missing(worked_out[line])
        if wrong.any():
            both = published.select(KEY, pl.col(line).alias("published")).with_columns(worked_out[line])
            differing[line] = (int(wrong.sum()), both.filter(wrong).row(0))
    assert not differing, differing


def test_the_areas_of_every_kind_add_up_to_the_contest_line(published: pl.DataFrame) -> None:
    sums = published.group_by("contest_id", "geography_type").agg(pl.col(ADDED).sum())
    contests = sums.filter(pl.col("geography_type") == "contest").drop("geography_type")
    compared = sums.join(contests, on="contest_id", suffix="_of_contest")
    assert compared.height == 9 * contests.height
    for line in ADDED:
        off = compared.filter(pl.col(line) != pl.col(f"{line}_of_contest"))
        assert off.is_empty(), (line, off.select("contest_id", "geography_type").row(0))


def test_eligible_people_add_up_wherever_every_part_has_an_estimate(published: pl.DataFrame) -> None:
    sums = published.group_by("contest_id", "geography_type").agg(
        pl.col("eligible").sum(), pl.col("eligible").null_count().alias("unknown")
    )
    contests = sums.filter((pl.col("geography_type") == "contest") & (pl.col("unknown") == 0))
    compared = sums.filter(pl.col("unknown") == 0).join(contests, on="contest_id", suffix="_of_contest")
    assert compared.height > 0
    assert compared.filter(pl.col("eligible") != pl.col("eligible_of_contest")).is_empty()
