"""The error model, the record and the outlook: fitted from certified results, skipped when nothing changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from orchestration import settings as config
from orchestration.models import fit_projection as fitting
from orchestration.models.projection import read_panel

SEEDS = config.PROJECT_ROOT / "dbt_project" / "seeds"
YEARS = (2008, 2012, 2016, 2020, 2024)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(home=tmp_path)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    return world()


def world(counties: int = 12, seed: int = 4) -> duckdb.DuckDBPyConnection:
    """Two states with counties and precincts over five presidential elections."""
    rng = np.random.default_rng(seed)
    con = duckdb.connect()
    con.execute(
        """create schema accepted; create schema intermediate; create schema config;
        create table config.campaign as select date '2026-09-01' as data_as_of;
        create table accepted.county_president (year varchar, state varchar, county_fips varchar, county_name varchar,
            votes_dem varchar, votes_rep varchar, votes_total varchar, snapshot_date date, line_number bigint);
        create table intermediate.int_results__certified (election_date date, state varchar, county_fips varchar,
            precinct_id varchar, office_code varchar, party_code varchar, votes integer);"""
    )
    for state, prefix in (("NC", "37"), ("PA", "42")):
        lean = rng.normal(0, 0.4, counties)
        for year in YEARS:
            lean += rng.normal(0, 0.06, counties) + rng.normal(0, 0.08)
            for county in range(counties):
                fips, total = f"{prefix}{2 * county + 1:03}", 8000 + 500 * county
                dem = round(total * 0.98 / (1 + np.exp(-lean[county])))
                rep = round(total * 0.98) - dem
                values = [str(year), state, fips, "", str(dem), str(rep), str(total)]
                con.execute("insert into accepted.county_president values (?,?,?,?,?,?,?,date '2024-11-05',1)", values)
                for part in (1, 2):
                    for party, votes in (("D", dem // 2 + part * 20), ("R", rep // 2 - part * 20)):
                        con.execute(
                            "insert into intermediate.int_results__certified values (?,?,?,?,'us_president',?,?)",
                            [f"{year}-11-05", state, fips, f"{fips}-{part}", party, votes],
                        )
    return con


def test_three_versions_come_out_and_stand_until_results_or_settings_change(con, settings):
    first = fitting.fit_projection(con, settings.paths.home, settings, SEEDS)
    assert [v.name for v in first] == ["projection_errors", "backtest", "state_outlook"]
    assert all(v.is_new for v in first)
    again = fitting.fit_projection(con, settings.paths.home, settings, SEEDS)
    assert [(v.version, v.is_new) for v in again] == [(v.version, False) for v in first]
    con.execute("update accepted.county_president set votes_dem = votes_rep where year = '2024' and state = 'PA'")
    changed = fitting.fit_projection(con, settings.paths.home, settings, SEEDS)
    assert all(v.is_new for v in changed)
    other = replace(settings, campaign=replace(settings.campaign, party_code="R"))
    assert all(v.is_new for v in fitting.fit_projection(con, settings.paths.home, other, SEEDS))


def test_two_fits_in_two_homes_give_the_same_bytes(con, settings, tmp_path):
    one = fitting.fit_projection(con, tmp_path / "a", settings, SEEDS)
    other = fitting.fit_projection(world(), tmp_path / "b", settings, SEEDS)
    for left, right in zip(one, other, strict=True):
        assert left.version == right.version
        for file in left.folder.glob("*.parquet"):
            assert file.read_bytes() == (right.folder / file.name).read_bytes()


def test_every_part_of_the_error_has_a_size_and_experience(con):
    sizes = fitting.error_sizes(panel(con, fitting.COUNTIES), panel(con, fitting.PRECINCTS))
    assert [(s.measure, s.part) for s in sizes] == [
        (m, p) for m in ("share", "votes") for p in ("national", "state", "county", "precinct")
    ]
    assert all(s.sd > 0 and s.df >= 2 for s in sizes)


def test_without_results_the_stated_priors_are_the_error_model(settings):
    sizes = {(s.measure, s.part): s for s in fitting.error_sizes(None, None)}
    assert sizes["share", "precinct"] == fitting.PLACE_PRIOR["share"]
    assert sizes["share", "national"].df == 4
    con = world()
    con.execute("delete from accepted.county_president; delete from intermediate.int_results__certified")
    versions = fitting.fit_projection(con, settings.paths.home, settings, SEEDS)
    assert [duckdb.sql(f"select count(*) from '{v.folder}/*.parquet'").fetchone() for v in versions] == [
        (8,),
        (0,),
        (0,),
    ]


def test_the_latest_delivery_of_a_countys_year_is_the_one_learned_from(con):
    con.execute("""insert into accepted.county_president
        select * replace ('1' as votes_dem, date '2025-01-01' as snapshot_date) from accepted.county_president
        where year = '2024' and county_fips = '37001'""")
    table = fitting._table(con, fitting.COUNTIES)
    row = table.filter((table["year"] == "2024") & (table["county_fips"] == "37001"))
    assert row["votes_dem"].to_list() == ["1"]


def test_the_record_holds_counties_and_precincts_beside_the_naive_rules(con, settings):
    backtest = fitting.fit_projection(con, settings.paths.home, settings, SEEDS)[1]
    found = duckdb.sql(f"select distinct unit, year, method from '{backtest.folder}/*.parquet'").fetchall()
    assert {(u, y) for u, y, m in found if m == "model"} == {
        *(("county", y) for y in YEARS[2:]), *(("precinct", y) for y in YEARS[1:])
    }  # fmt: skip
    assert {"previous", "previous_plus_known_swing", "mean_of_last_three"} <= {m for _, _, m in found}


def test_the_outlook_counts_electors_to_a_majority_from_the_partys_best_state(con, settings):
    rows = fitting.outlook(panel(con, fitting.COUNTIES), settings, SEEDS)
    assert {r.election_year for r in rows} == {2028}
    assert {r.state: r.electoral_votes for r in rows} == {"NC": 16, "PA": 19}
    assert [r.expected_share for r in rows] == sorted((r.expected_share for r in rows), reverse=True)
    assert rows[-1].cumulative_votes == 35
    assert {r.votes_needed for r in rows} == {18}
    assert not rows[0].is_complete
    assert sum(r.is_tipping_point for r in rows) == 1
    assert sum(r.tipping_point_probability for r in rows) == pytest.approx(1)
    republican = replace(settings, campaign=replace(settings.campaign, party_code="R"))
    mirrored = {r.state: r.expected_share for r in fitting.outlook(panel(con, fitting.COUNTIES), republican, SEEDS)}
    assert {r.state: 1 - r.expected_share for r in rows} == pytest.approx(mirrored)
    third = replace(settings, campaign=replace(settings.campaign, party_code="L"))
    assert fitting.outlook(panel(con, fitting.COUNTIES), third, SEEDS) == []


def test_the_electors_of_every_state_make_538():
    for year in (2024, 2028):
        assert sum(fitting.electoral_votes(SEEDS / "electoral_votes.csv", year).values()) == 538
    assert fitting.electoral_votes(SEEDS / "electoral_votes.csv", 2032) == {}


def panel(con: duckdb.DuckDBPyConnection, query: str):
    return read_panel(fitting._table(con, query))
