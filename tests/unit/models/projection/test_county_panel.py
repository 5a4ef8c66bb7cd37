from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.models.projection import COLUMNS, read_panel


def test_the_order_of_rows_makes_no_difference(made: pl.DataFrame) -> None:
    one, other = read_panel(made), read_panel(made.sample(fraction=1, shuffle=True, seed=3))
    assert (one.fips, one.years, one.states) == (other.fips, other.years, other.states)
    np.testing.assert_array_equal(one.dem, other.dem)


def test_a_csv_and_a_parquet_file_say_the_same(made: pl.DataFrame, tmp_path: Path) -> None:
    made.write_csv(tmp_path / "t.csv")
    made.cast(pl.String).write_parquet(tmp_path / "t.parquet")
    np.testing.assert_array_equal(read_panel(tmp_path / "t.csv").total, read_panel(tmp_path / "t.parquet").total)


def test_missing_columns_are_named(made: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"lacks the columns votes_dem, votes_total; expected year, state"):
        read_panel(made.drop("votes_dem", "votes_total"))


@pytest.mark.parametrize("bad", ["many", "-3", "1.5"])
def test_votes_that_are_no_count_are_refused(made: pl.DataFrame, bad: str) -> None:
    votes = [bad, *made["votes_dem"].cast(pl.String).to_list()[1:]]
    with pytest.raises(ValueError, match="column votes_dem of the county table has 1 values that are no count"):
        read_panel(made.with_columns(votes_dem=pl.Series(votes)))


def test_a_county_twice_in_a_year_is_refused(made: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="1 counties twice in one year, the first 2000 AA 10001"):
        read_panel(pl.concat([made, made.head(1)]))


def test_a_missing_file_and_a_file_that_is_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no county table at"):
        read_panel(tmp_path / "none.csv")
    (tmp_path / "page.csv").write_text("<html>\n<body>not a table</body>\n")
    with pytest.raises(ValueError, match="lacks the columns"):
        read_panel(tmp_path / "page.csv")


def test_a_row_without_votes_counts_as_no_result(made: pl.DataFrame) -> None:
    first = (pl.col("county_fips") == "10001") & (pl.col("year") == 2012)
    emptied = made.with_columns(pl.when(first).then(0).otherwise(pl.col(c)).alias(c) for c in COLUMNS[-3:])
    panel = read_panel(emptied)
    assert np.isnan(panel.total[panel.fips.index("10001"), panel.years.index(2012)])


def test_the_previous_election_of_a_state_skips_years_it_lacks(made: pl.DataFrame) -> None:
    panel = read_panel(made.filter(~((pl.col("state") == "BB") & (pl.col("year") == 2012))))
    at_2016 = panel.previous[:, panel.years.index(2016)]
    assert [panel.years[c] for c in at_2016] == [2012, 2008, 2012]


def test_the_panel_before_a_year_holds_nothing_of_it(made: pl.DataFrame) -> None:
    panel = read_panel(made).before(2016)
    assert panel.years == (2000, 2004, 2008, 2012)
    with pytest.raises(ValueError, match="no election before 2000"):
        panel.before(2000)
