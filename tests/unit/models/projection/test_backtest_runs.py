from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from projection_tables import made_table

from orchestration.models.backtest import as_json, backtest, backtest_page, run_backtest

KEYS = {"year", "measure", "given", "method", "wmae", "mae", "rmse", "bias", "coverage80", "counties"}


def scrambled(table: pl.DataFrame, since: int) -> pl.DataFrame:
    """The table with garbage from the year ``since`` on."""
    later = pl.col("year").cast(pl.Int64) >= since
    junk = pl.int_range(pl.len()) * 7919 % 5003 + 11
    votes = {"votes_dem": junk, "votes_rep": junk * 3 % 4001 + 5, "votes_total": junk * 5 + 4010}
    return table.with_columns(
        pl.when(later).then(new).otherwise(pl.col(c).cast(pl.Int64)).alias(c) for c, new in votes.items()
    )


def forecasts(table: pl.DataFrame, year: int, given: str) -> pl.DataFrame:
    kept = backtest(table, [year]).counties.filter(pl.col("given") == given)
    return kept.select("state", "county_fips", "measure", "forecast", "low", "high")


@pytest.mark.parametrize("year", [2008, 2012, 2016])
def test_garbage_in_later_years_changes_no_forecast(made: pl.DataFrame, year: int) -> None:
    for given in ("state_result", "nothing"):
        assert forecasts(made, year, given).equals(forecasts(scrambled(made, year + 1), year, given))


def test_garbage_in_the_target_year_changes_no_forecast_made_without_it(made: pl.DataFrame) -> None:
    assert forecasts(made, 2016, "nothing").equals(forecasts(scrambled(made, 2016), 2016, "nothing"))


def test_given_the_state_only_the_states_sums_reach_the_forecast(made: pl.DataFrame) -> None:
    # Swap the results of two counties of one state in the target year: the state's sums stay.
    swap = {"10001": "10003", "10003": "10001"}
    in_year = pl.col("year") == 2016
    swapped = made.with_columns(
        county_fips=pl.when(in_year).then(pl.col("county_fips").replace(swap)).otherwise(pl.col("county_fips"))
    )
    assert forecasts(made, 2016, "state_result").equals(forecasts(swapped, 2016, "state_result"))


def test_garbage_in_later_years_changes_no_forecast_of_the_real_table(county_table: pl.DataFrame) -> None:
    for given in ("state_result", "nothing"):
        assert forecasts(county_table, 2016, given).equals(forecasts(scrambled(county_table, 2020), 2016, given))


def test_every_rule_stands_beside_the_model_and_only_the_model_has_coverage(made: pl.DataFrame) -> None:
    rows = run_backtest(made)
    assert {r.year for r in rows} == {2008, 2012, 2016, 2020}
    methods: dict[tuple[str, str], set[str]] = {(r.measure, r.given): set() for r in rows}
    for row in rows:
        methods[row.measure, row.given].add(row.method)
        assert (row.coverage80 is None) == (row.method != "model")
    assert methods == {
        ("share", "state_result"): {"model", "previous_plus_known_swing"},
        ("share", "nothing"): {"model", "previous", "mean_of_last_three", "previous_plus_half_trend"},
        ("votes", "state_result"): {"model", "previous_times_known_growth"},
        ("votes", "nothing"): {
            "model", "previous_total", "mean_of_last_three_totals", "previous_times_own_growth",
        },
    }  # fmt: skip


def test_the_rows_are_plain_json(made: pl.DataFrame) -> None:
    found = json.loads(json.dumps(as_json(run_backtest(made, [2020])), allow_nan=False))["results"]
    assert all(set(row) == KEYS for row in found)
    assert {row["year"] for row in found} == {2020}


def test_the_order_of_rows_and_a_file_make_no_difference(made: pl.DataFrame, tmp_path: Path) -> None:
    made.sample(fraction=1, shuffle=True, seed=9).write_csv(tmp_path / "table.csv")
    assert run_backtest(made) == run_backtest(tmp_path / "table.csv")


def test_lasting_trends_are_found(made: pl.DataFrame) -> None:
    rows = {(r.year, r.measure, r.method): r.wmae for r in run_backtest(made) if r.given == "state_result"}
    assert rows[2020, "share", "model"] < 0.9 * rows[2020, "share", "previous_plus_known_swing"]
    assert rows[2020, "votes", "model"] < 0.8 * rows[2020, "votes", "previous_times_known_growth"]


@pytest.mark.parametrize(
    "states", [{"CC": 1}, {"AA": 2}, {"AA": 3, "CC": 1}, {f"S{i}": 1 + i for i in range(12)}], ids=str
)
def test_any_states_can_be_run(states: dict[str, int]) -> None:
    rows = run_backtest(made_table(states))
    assert json.dumps(as_json(rows), allow_nan=False)


def test_a_county_that_is_new_or_gone_is_scored_where_it_can_be(made: pl.DataFrame) -> None:
    gone = (pl.col("county_fips") == "10001") & (pl.col("year") > 2012)
    new = (pl.col("county_fips") == "10003") & (pl.col("year") < 2020)
    rows = [r for r in run_backtest(made.filter(~gone & ~new), [2020]) if r.method == "model"]
    assert {r.counties for r in rows} == {64}


def test_a_state_that_skips_an_election_is_projected_from_its_own_last(made: pl.DataFrame) -> None:
    skipped = made.filter(~((pl.col("state") == "BB") & (pl.col("year") == 2016)))
    assert {r.counties for r in run_backtest(skipped, [2020]) if r.method == "model"} == {66}
    assert {r.counties for r in run_backtest(skipped, [2016]) if r.method == "model"} == {41}


def test_a_year_that_cannot_be_projected_is_refused(made: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"cannot backtest 2004: .* 2 elections before it"):
        run_backtest(made, [2004])
    with pytest.raises(ValueError, match="needs 3 elections or more; the table has 2000, 2004"):
        run_backtest(made.filter(pl.col("year") < 2008))


def test_the_page_shows_every_score_and_pictures_and_loads_nothing(made: pl.DataFrame) -> None:
    done = backtest(made, [2020])
    page = backtest_page(done.rows, done.counties, title="Record <of> it")
    assert page.count("<svg") >= 4
    assert "previous plus known swing" in page
    assert "Record &lt;of&gt; it" in page
    assert "<script" not in page
    assert "https://" not in page.replace("https://www.w3.org", "")
    assert page == backtest_page(done.rows, done.counties, title="Record <of> it")
    with pytest.raises(ValueError, match="no backtest to show"):
        backtest_page([])
