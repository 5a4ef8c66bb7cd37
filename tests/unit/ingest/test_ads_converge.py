"""Overlapping exports of an ad account, loaded in whatever order, leave one table: proven by its fingerprint.

From the landing folder to the staging models, in the SQL that the dbt project itself makes of them.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from ingest_support import quick_gate, ticking

from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.publish.fingerprint import fingerprint_table
from orchestration.sample.feeds import _ads, google_ads, meta_insights
from orchestration.sample.plan import SamplePlan
from orchestration.settings import PROJECT_ROOT

PLAN = SamplePlan(("NC", "VA"), voters=4_000, days=3, seed=4)
DATES = [PLAN.snapshot(day).isoformat() for day in (1, 2, 3)]
ORDERS = list(itertools.permutations(DATES))
MODELS = {"google_ads": "stg_google_ads__daily", "meta_insights": "stg_meta__ads_daily"}
CONTRACTS = {name: load_contracts()[name] for name in MODELS}
DBT = PROJECT_ROOT / "dbt_project"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three exports of each account, a day apart, each reaching back four weeks."""
    folder = tmp_path_factory.mktemp("exports")
    for feed in (google_ads, meta_insights):
        feed.write(None, PLAN, folder)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The statement behind each model, as dbt compiles it, over the schema `accepted` of the database at hand."""
    folder = tmp_path_factory.mktemp("compiled")
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "compile", "--no-introspect",
               "--select", *MODELS.values(), "--project-dir", str(DBT), "--profiles-dir", str(DBT),
               "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]  # fmt: skip
    environment = {**os.environ, "WINNUMBER_BUILD_DB": str(folder / "warehouse.duckdb"), "DO_NOT_TRACK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        name: next((folder / "target" / "compiled").rglob(f"{name}.sql")).read_text(encoding="utf-8").replace(
            '"warehouse".', ""
        )
        for name in MODELS.values()
    }  # fmt: skip


def load(files: Path, home: Path, source: str, orders: Sequence[str]) -> None:
    """Take in the exports one by one: each is landed, and taken in, before the next one lands."""
    for day in orders:
        shutil.copytree(files / source / day, home / "landing" / source / day)
        outcomes = ingest_source(home, CONTRACTS[source], gate=quick_gate, clock=ticking())
        assert {o.status for o in outcomes} == {"accepted"}, [o.cause for o in outcomes]


def built(home: Path, source: str, statement: str) -> duckdb.DuckDBPyConnection:
    """A database that holds the model as a table."""
    con = duckdb.connect()
    open_accepted(con, home, {source: CONTRACTS[source]})
    con.execute(f"create table told as {statement}")
    return con


@pytest.mark.parametrize("source", MODELS)
def test_six_orders_of_three_exports_give_one_table(
    files: Path, sql: dict[str, str], source: str, tmp_path: Path
) -> None:
    found = set()
    for number, order in enumerate(ORDERS):
        load(files, tmp_path / str(number), source, order)
        with built(tmp_path / str(number), source, sql[MODELS[source]]) as con:
            found.add(fingerprint_table(con, "told", "told"))
    assert len(found) == 1
    assert found.pop().rows > 500


def test_the_table_is_what_the_account_says_when_all_is_told(files: Path, sql: dict[str, str], tmp_path: Path) -> None:
    load(files, tmp_path, "google_ads", DATES)
    with built(tmp_path, "google_ads", sql["stg_google_ads__daily"]) as con:
        found = con.execute(
            "select response_date, ad_id, sum(impressions), sum(spend_usd * 100), sum(conversions) from told"
            " group by response_date, ad_id"
        ).fetchall()
    true = _ads.finals(PLAN, "google", PLAN.snapshot(3))
    told = true.select("day", "ad_id", "impressions", "cost_cents", "signups").rows()
    assert {tuple(row[:2]): tuple(map(int, row[2:])) for row in found} == {row[:2]: row[2:] for row in told}


def test_a_late_change_replaces_and_a_row_that_vanished_is_gone(
    files: Path, sql: dict[str, str], tmp_path: Path
) -> None:
    frame = _ads.figures(PLAN, "google")
    (invalid,) = frame.filter(_ads.is_invalid(frame, PLAN)).select("ad_id", "day").rows()
    # The first export still holds the invalid two per cent of this day's spending, the third has taken them back.
    day = PLAN.first_day - timedelta(days=2)
    final = frame.filter(pl.col("day") == day)["cost_cents"].sum()
    found = []
    for number, days in enumerate((DATES[:1], DATES)):
        load(files, tmp_path / str(number), "google_ads", days)
        with built(tmp_path / str(number), "google_ads", sql["stg_google_ads__daily"]) as con:
            (rows,) = con.execute(
                "select count(*) from told where ad_id = ? and response_date = ?", list(invalid)
            ).fetchall()[0]  # fmt: skip
            (spent,) = con.execute("select sum(spend_usd) * 100 from told where response_date = ?", [day]).fetchall()[0]
            found.append((rows, spent))
    assert [rows > 0 for rows, _ in found] == [True, False]
    assert found[0][1] > final
    assert found[1][1] == final


def test_loading_the_same_exports_again_changes_nothing(files: Path, sql: dict[str, str], tmp_path: Path) -> None:
    load(files, tmp_path, "google_ads", DATES)
    with built(tmp_path, "google_ads", sql["stg_google_ads__daily"]) as con:
        before = fingerprint_table(con, "told", "told")
    ingest_source(tmp_path, CONTRACTS["google_ads"], gate=quick_gate, clock=ticking())
    with built(tmp_path, "google_ads", sql["stg_google_ads__daily"]) as con:
        assert fingerprint_table(con, "told", "told") == before
