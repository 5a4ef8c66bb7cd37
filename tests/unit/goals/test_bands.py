"""Bands and win probabilities of the ledger, recomputed from its atoms with exact distributions."""

from __future__ import annotations

import math

import duckdb
import goals_world
import numpy as np
import polars as pl
import pytest
from scipy import stats

ONE_SIDE = 0.9


def frame(found: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """A relation as a frame."""
    return pl.DataFrame(found.fetchall(), schema=found.columns, orient="row", infer_schema_length=None)


@pytest.fixture(scope="module")
def rows(ledger) -> pl.DataFrame:
    with duckdb.connect(str(ledger.database), read_only=True) as con:
        return frame(con.sql("from marts.district_vote_goals"))


@pytest.fixture(scope="module")
def parts(ledger) -> pl.DataFrame:
    """Turnout by contest, area, county and precinct, from the atoms."""
    with duckdb.connect(str(ledger.database), read_only=True) as con:
        return frame(
            con.sql(
                """with areas as (
                select split_id, geography_type, geography_id from intermediate.int_goals__split_geographies
                union all
                select distinct split_id, 'contest', null from intermediate.int_goals__split_geographies)
            select s.contest_id, a.geography_type, coalesce(a.geography_id, s.contest_id) as geography_id,
                p.county_fips, p.precinct_id, sum(s.expected_turnout)::double as turnout
            from intermediate.int_goals__contest_splits as s
            join areas as a using (split_id) join intermediate.int_geography__splits as p using (split_id)
            group by all"""
            )
        )


@pytest.fixture(scope="module")
def sizes(ledger) -> dict[str, dict[str, float]]:
    with duckdb.connect(str(ledger.database), read_only=True) as con:
        found = frame(con.sql("from intermediate.int_goals__error_sizes"))
    return {
        r["contest_id"]: {k: float(v) for k, v in r.items() if k[:5] in ("share", "votes")} for r in found.to_dicts()
    }


def error(size: dict[str, float], measure: str, county: float, precinct: float, own: float) -> tuple[float, float]:
    """Variance of an area's error, and the part of it that counts against its degrees of freedom."""
    weight = {"national": 1.0, "state": 1.0, "contest": 1.0, "county": county, "precinct": precinct}
    variances = {part: size[f"{measure}_{part}_sd"] ** 2 * w for part, w in weight.items()}
    return sum(variances.values()) + own, sum(v**2 / size[f"{measure}_{part}_df"] for part, v in variances.items())


def half(variance: float, certainty: float) -> float:
    df = max(2.0, variance**2 / certainty) if certainty else 1e6
    return float(stats.t.ppf(ONE_SIDE, df)) * math.sqrt(variance)


def test_every_row_is_the_joint_error_model_applied_to_its_atoms(rows, parts, sizes):
    squares = {}
    for key, group in parts.group_by("contest_id", "geography_type", "geography_id"):
        turnout = group["turnout"].to_numpy()
        counties = group.group_by("county_fips").agg(pl.col("turnout").sum())["turnout"].to_numpy()
        total = turnout.sum()
        squares[key] = (np.sum(counties**2) / total**2, np.sum(turnout**2) / total**2) if total else (0.0, 0.0)
    checked = 0
    for row in rows.filter(pl.col("expected_turnout") > 0).to_dicts():
        county, precinct = squares[row["contest_id"], row["geography_type"], row["geography_id"]]
        size, votes = sizes[row["contest_id"]], row["expected_turnout"]
        share = min(0.999, max(0.001, row["expected_support"] / votes))
        needed = min(0.999, max(0.001, row["win_number"] / votes))
        of_votes = error(size, "votes", county, precinct, 1 / votes)
        of_share = error(size, "share", county, precinct, 1 / (votes * share * (1 - share)))
        odds = math.log(share / (1 - share))
        assert row["expected_turnout_low"] == pytest.approx(votes * math.exp(-half(*of_votes)), abs=1 + 0.01 * votes)
        low, high = (1 / (1 + math.exp(-odds + side * half(*of_share))) for side in (1, -1))
        assert float(row["expected_share_low"]) == pytest.approx(low, abs=0.003)
        assert float(row["expected_share_high"]) == pytest.approx(high, abs=0.003)
        lead = (odds - math.log(needed / (1 - needed))) / math.sqrt(of_share[0])
        chance = stats.t.cdf(lead, max(2.0, of_share[0] ** 2 / of_share[1]))
        assert float(row["win_probability"]) == pytest.approx(chance, abs=0.006)
        base, goal = row["base_vote"], row["vote_goal"]
        k = 1 - share
        of_base = half(of_votes[0] + k**2 * of_share[0], of_votes[1] + k**4 * of_share[1])
        assert row["base_vote_low"] == pytest.approx(base * math.exp(-of_base), abs=1 + 0.01 * base)
        by_votes, by_share = goal - base, base * k
        spread = (
            half(
                by_votes**2 * of_votes[0] + by_share**2 * of_share[0],
                by_votes**4 * of_votes[1] + by_share**4 * of_share[1],
            )
            if by_votes or by_share
            else 0.0
        )
        assert row["vote_deficit_high"] == pytest.approx(goal - base + spread, abs=1.01 + 0.02 * spread)
        checked += 1
    assert checked > 100


def test_an_area_of_many_counties_is_surer_than_one_precinct(rows):
    wide = rows.filter(pl.col("geography_type") == "state")
    narrow = rows.filter((pl.col("geography_type") == "precinct") & (pl.col("expected_turnout") > 10))

    def width(table: pl.DataFrame) -> float:
        return float((table["expected_share_high"] - table["expected_share_low"]).cast(pl.Float64).mean())

    assert width(wide) < width(narrow)


def test_nobody_expected_gives_no_probability(rows):
    empty = rows.filter(pl.col("expected_turnout") == 0)
    assert empty["win_probability"].is_null().all()
    assert (empty["expected_turnout_high"] == 0).all()


def test_the_state_row_of_a_statewide_contest_has_the_contests_own_interval(rows):
    statewide = rows.filter(pl.col("district_id").is_null())
    columns = ["expected_turnout_low", "expected_turnout_high", "vote_deficit_low", "win_probability"]
    own = statewide.filter(pl.col("geography_type") == "contest").sort("contest_id").select("contest_id", *columns)
    state = statewide.filter(pl.col("geography_type") == "state").sort("contest_id").select("contest_id", *columns)
    assert own.equals(state)


def test_the_closed_forms_are_near_the_exact_distribution(tmp_path):
    """Wallace's form of Student's t: quantile within 1 %, probability within 0.005, from 3 degrees of freedom on."""
    grid = [(df, t) for df in (3, 4, 6, 10, 30, 1000) for t in (-4, -2, -1, -0.3, 0, 0.5, 1.5, 3)]
    with duckdb.connect() as con:
        macros = goals_world.DBT / "macros" / "uncertainty.sql"
        quantile, probability = rendered(macros.read_text(encoding="utf-8"))
        for df, t in grid:
            known = f"{df}::double"
            wanted = (quantile.format(df=known), probability.format(t=f"({t})::double", df=known))
            q, p = con.execute(f"select {', '.join(wanted)}").fetchone()
            assert q == pytest.approx(stats.t.ppf(ONE_SIDE, df), rel=0.01)
            assert p == pytest.approx(stats.t.cdf(t, df), abs=0.005)


def rendered(source: str) -> tuple[str, str]:
    """The two macros as SQL with places for their arguments."""
    import jinja2

    # The macros are pure text: dbt's context is not needed to expand them.
    module = jinja2.Environment(autoescape=False).from_string(source).module  # noqa: S701  (SQL, not a page)
    return module.t_quantile(module.band_z().strip(), "{df}"), module.t_probability("{t}", "{df}")
