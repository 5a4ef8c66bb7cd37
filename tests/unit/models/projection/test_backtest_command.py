from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import Exit, app, backtesting


def run(*words: str) -> object:
    return CliRunner().invoke(app, ["backtest", *words], standalone_mode=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNUMBER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_table_gives_json_and_a_page(made: pl.DataFrame, tmp_path: Path, home: Path) -> None:
    made.write_csv(tmp_path / "t.csv")
    result = run("--county-table", str(tmp_path / "t.csv"), "--json", "--page", str(tmp_path / "out" / "p.html"))
    assert result.exit_code == 0  # type: ignore[attr-defined]
    rows = json.loads(result.stdout)["results"]  # type: ignore[attr-defined]
    assert rows[0]["method"] == "model"
    assert "<svg" in (tmp_path / "out" / "p.html").read_text()


def test_a_table_of_another_form_is_wrong_usage(tmp_path: Path, home: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    result = run("--county-table", str(tmp_path / "t.csv"))
    assert result.return_value == Exit.USAGE  # type: ignore[attr-defined]
    assert "lacks the columns year, state" in result.stderr  # type: ignore[attr-defined]


def test_without_accepted_results_the_command_says_what_to_pass(home: Path) -> None:
    result = run("--json")
    assert result.return_value == Exit.USAGE  # type: ignore[attr-defined]
    assert "pass --county-table FILE" in result.stderr  # type: ignore[attr-defined]


def test_accepted_rows_are_used_and_the_later_delivery_wins(made: pl.DataFrame, home: Path) -> None:
    text = made.with_columns(pl.all().cast(pl.String))
    for day, rows in (("2025-01-01-a", text.with_columns(votes_dem=pl.lit("1"))), ("2026-01-01-b", text)):
        folder = home / "archive" / "accepted" / "county_president" / day
        folder.mkdir(parents=True)
        rows.write_parquet(folder / "county_president.parquet")
    found = backtesting.accepted_results(home)
    assert len(found) == len(made)
    assert (
        found.sort("year", "county_fips")["votes_dem"].to_list()
        == text.sort("year", "county_fips")["votes_dem"].to_list()
    )
    assert json.loads(run("--json").stdout)["results"]  # type: ignore[attr-defined]
