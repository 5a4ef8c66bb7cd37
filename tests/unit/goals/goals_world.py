"""A small made-up electorate in exactly the tables the goal ledger reads, and a dbt project that reads it.

Belongs here: fabricating the interface tables and running the ledger's half of the dbt project on
them. Does not belong here: what must hold afterwards (the tests say that).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from orchestration.settings import Settings, load, write_config

ROOT = Path(__file__).resolve().parents[3]
DBT = ROOT / "dbt_project"
# The teams whose tables are made from the ledger, scores and results alone.
MARTS = tuple(f"models/marts/{team}" for team in ("everyone", "data", "people"))
STUBS = (
    "int_scores__voters", "int_geography__splits", "int_geography__geographies", "int_results__certified",
    "int_results__roll_off", "int_registration__eligible", "int_voters__changes", "int_voters__people",
    "int_voters__current", "int_identity__voter_ids", "int_scores__persuadability",
)  # fmt: skip
GEOGRAPHIES = {
    "state": "state",
    "congressional_district": "congressional_district_id",
    "state_senate_district": "state_senate_district_id",
    "state_house_district": "state_house_district_id",
    "county": "county_fips",
    "municipality": "municipality_id",
    "precinct": "precinct_id",
    "media_market": "media_market_id",
}
# The allocation macros on their own, over tables that a test fills.
PROBES = {
    "probe_capped": "{{ largest_remainder('fixture.parts', ['whole'], 'part', 'quota', 'total', cap='cap') }}",
    "probe_uncapped": "{{ largest_remainder('fixture.parts', ['whole'], 'part', 'quota', 'total') }}",
    "probe_shift": "with {{ logit_shift_ctes('found', 'fixture.units', ['whole'], 'weight', 'share', 'goal') }}\n"
    "select * from found",
}
PROBE_TABLES = """
    create schema if not exists fixture;
    create or replace table fixture.parts (
        whole varchar, part varchar, quota decimal(24,12), total bigint, cap bigint);
    create or replace table fixture.units (
        whole varchar, unit varchar, weight bigint, share decimal(9,6), goal bigint);
"""


def splits(states: Sequence[str], precincts: int) -> pl.DataFrame:
    """Precinct splits: three counties a state, districts that cut across counties and precincts."""
    rows = []
    fips = {"NC": "37", "VA": "51", "OH": "39", "FL": "12", "PA": "42"}
    for state in states:
        for number in range(precincts):
            county = f"{fips[state]}{1 + 2 * (number % 3):03d}"
            precinct = f"{county}-{number:03d}"
            # Every fourth precinct lies in two congressional districts, every fifth in two towns.
            for half in range(2 if number % 4 == 0 or number % 5 == 0 else 1):
                town = f"{state}-TOWN{number % 7}" if (number + half) % 3 else f"{county}-unincorporated"
                house = f"{state}-{1 + (number + (half if number % 4 == 0 else 0)) % 2:02d}"
                rows.append((
                    f"{precinct}|{half}", state, county, precinct, town, house, f"{state}-{1 + number % 3:03d}",
                    f"{state}-{1 + (number // 2) % 4:03d}", f"M{1 + number % 2}",
                ))  # fmt: skip
        county = f"{fips[state]}001"
        rows.append((
            f"{county}-withheld", state, county, f"{county}-withheld", f"{county}-withheld", f"{state}-withheld",
            f"{state}-withheld", f"{state}-withheld", "M1",
        ))  # fmt: skip
    columns = ["split_id", "state", *list(GEOGRAPHIES.values())[4:5], "precinct_id", "municipality_id",
               "congressional_district_id", "state_senate_district_id", "state_house_district_id",
               "media_market_id"]  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def voters(places: pl.DataFrame, people: int, seed: int) -> pl.DataFrame:
    """Scored voters, spread unevenly over the places; some are inactive."""
    draw = np.random.default_rng(seed)
    weights = draw.gamma(0.7, size=len(places))
    where = draw.choice(len(places), size=people, p=weights / weights.sum())
    lean = draw.normal(0.0, 0.9, size=len(places))[where]
    support = 1 / (1 + np.exp(-(lean + draw.normal(0, 1.2, size=people))))
    active = draw.random(people) < 0.93
    turnout = np.where(active, draw.beta(2.2, 1.8, size=people), draw.beta(1, 12, size=people))
    return places.select("split_id", "state", "county_fips")[where].with_columns(
        voter_id=pl.Series([f"T-{n:07d}" for n in range(people)]),
        is_active=pl.Series(active),
        is_inactive=pl.Series(~active),
        party_code=pl.Series(draw.choice(["D", "R", "N", "L"], size=people, p=[0.35, 0.33, 0.3, 0.02])),
        sex=pl.Series(draw.choice(["F", "M", "U"], size=people, p=[0.52, 0.45, 0.03])),
        is_other_party_behaviour=pl.Series(draw.random(people) < 0.34),
        p_turnout=pl.Series(turnout.round(6)).cast(pl.Decimal(9, 6)),
        p_support=pl.Series(support.round(6)).cast(pl.Decimal(9, 6)),
        turnout_version=pl.lit("turnout-test"),
        support_version=pl.lit("support-test"),
    )


def geographies(places: pl.DataFrame) -> pl.DataFrame:
    """Every area of every type, with a name."""
    return pl.concat(
        places.select(
            "state",
            pl.lit(kind).alias("geography_type"),
            pl.col(column).alias("geography_id"),
            (pl.lit(kind + " ") + pl.col(column)).alias("geography_name"),
            pl.lit("test").alias("basis"),
        ).unique()
        for kind, column in GEOGRAPHIES.items()
    )


def settings(rounding: str = "up", states: Sequence[str] = ("NC", "VA")) -> Settings:
    """The shipped settings, for the states of the test."""
    whole = load()
    kept = tuple(rule for rule in whole.campaign.contests if rule.state in states)
    return replace(whole, campaign=replace(whole.campaign, contests=kept, goal_rounding=rounding))


def write(con: duckdb.DuckDBPyConnection, *, people: int = 4000, precincts: int = 24, seed: int = 1,
          states: Sequence[str] = ("NC", "VA"), rounding: str = "up") -> None:  # fmt: skip
    """Write the interface tables into schema ``fixture`` and the campaign's choices into ``config``."""
    places = splits(states, precincts)
    scored = voters(places, people, seed)
    places = places.join(scored.select("split_id").unique(), on="split_id", how="semi")
    write_config(con, settings(rounding, states), data_as_of=date(2026, 9, 1), release_id="20260901-test0000")
    con.execute(PROBE_TABLES)
    con.execute("create schema if not exists models")
    areas = geographies(places)
    for name, frame in {
        "int_geography__splits": places, "int_scores__voters": scored, "int_geography__geographies": areas,
    }.items():  # fmt: skip
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            frame.write_parquet(file.name)
            con.execute(f"create or replace table fixture.{name} as select * from read_parquet('{file.name}')")
    con.execute(
        """
        create or replace table fixture.int_registration__eligible as
            -- One county has no estimate: its splits stay without one.
            select county_fips, state, cast(count(*) * 1.3 as integer) as eligible, 2024 as as_of
            from fixture.int_scores__voters where county_fips <> '51005' group by all;
        create or replace table fixture.int_results__roll_off as
            select distinct state, office, cast(case office when 'state_house' then 0.951 when 'us_house' then 0.984
                else 1 end as decimal(9,6)) as roll_off
            from fixture.int_geography__splits, (values ('us_senate'), ('us_house'), ('state_house')) as o (office);
        alter table fixture.int_results__roll_off rename column office to office_code;
        create or replace table fixture.int_results__certified as
            select date '2024-11-05' as election_date, state, county_fips, precinct_id,
                'us_president' as office_code, cast(null as varchar) as district_id, 'D' as party_code,
                'Somebody' as candidate, 100 as votes, 'test' as source
            from (select distinct state, county_fips, precinct_id from fixture.int_geography__splits);
        create or replace table fixture.int_voters__changes as
            select voter_id, state, date '2026-09-01' as change_date, 'registered' as change_type,
                cast(null as varchar) as from_county_fips, county_fips as to_county_fips,
                cast(null as varchar) as from_precinct_id, cast(null as varchar) as to_precinct_id,
                cast(null as varchar) as from_party_code, party_code as to_party_code,
                cast(null as varchar) as from_status, 'active' as to_status
            from fixture.int_scores__voters where voter_id like '%00';
        create or replace table fixture.int_voters__people as
            select voter_id, state, 'A' as last_name, 'B' as first_name, '' as middle_name, '' as name_suffix,
                date '1980-01-01' as birth_date, 1980 as birth_year, '1 X' as residence_address, 'Y' as residence_city,
                '00000' as residence_zip, '' as mailing_address, '' as mailing_city, '' as mailing_state,
                '' as mailing_zip, '' as phone, '' as email, false as is_protected
            from fixture.int_scores__voters;
        create or replace table fixture.int_voters__current as
            select voter_id, county_fips, 'x' as precinct_id, 'active' as status, party_code, sex,
                date '2000-01-01' as registration_date
            from fixture.int_scores__voters;
        create or replace table fixture.int_identity__voter_ids as
            select voter_id, 'P-' || voter_id as person_id from fixture.int_scores__voters;
        create or replace table fixture.int_scores__persuadability as
            select voter_id, state, 0.5::decimal(9,6) as persuadability, 'rank' as purpose, '' as evidence
            from fixture.int_scores__voters;
        create or replace table models.support_areas as
            select 'NC' as state, 'county' as area_level, '37001' as area_id, 0.1::decimal(12,9) as logit_shift,
                1000::bigint as certified_votes, 0.5::decimal(9,6) as certified_share, 900::bigint as voters,
                0.48::decimal(9,6) as unshifted_share, 'certified' as basis, 'support-test' as model_version;
        create or replace table models.model_cards as
            select 'turnout' as model_name, 'turnout-test' as model_version, '{}' as card;
        create or replace table models.projection_errors as
            select measure, part, sd::decimal(9,6) as sd, df::decimal(9,3) as df,
                'errors-test' as model_version
            from (values ('share', 'national', 0.11, 6.0), ('share', 'state', 0.06, 6.0),
                ('share', 'county', 0.09, 5.0),
                ('share', 'precinct', 0.2, 2.0), ('votes', 'national', 0.04, 12.0), ('votes', 'state', 0.03, 6.0),
                ('votes', 'county', 0.04, 5.0), ('votes', 'precinct', 0.1, 2.0)) as t (measure, part, sd, df);
        create or replace table models.backtest_results as
            select 'county' as unit, 2024 as year, 'share' as measure, 'nothing' as given, 'model' as method,
                1.6::decimal(12,4) as wmae, 1.2::decimal(12,4) as mae, 1.5::decimal(12,4) as rmse,
                0.3::decimal(12,4) as bias, 0.81::decimal(9,6) as coverage80, 455 as counties,
                'backtest-test' as model_version;
        create or replace table models.state_outlook as
            select 2028 as election_year, 'NC' as state, 16 as electoral_votes, 9 as votes_needed,
                false as is_complete, 0.49::decimal(9,6) as expected_share, 0.46::decimal(9,6) as expected_share_low,
                0.52::decimal(9,6) as expected_share_high, 5800000::bigint as expected_turnout,
                5500000::bigint as expected_turnout_low, 6100000::bigint as expected_turnout_high,
                0.41::decimal(9,6) as win_probability, 1::decimal(9,6) as tipping_point_probability,
                16 as cumulative_votes, true as is_tipping_point, 0.41::decimal(9,6) as campaign_win_probability,
                'outlook-test' as model_version;
        create or replace table config.deliveries_in_use as
            select 'nc_voters' as source, 'NC' as state, 'nc_voters/2026-09-01/abc' as delivery_id,
                date '2026-08-29' as snapshot_date, 10::bigint as lines_received, 9::bigint as rows_accepted,
                1::bigint as rows_quarantined, '1.0.0' as contract_version, 10 as fresh_within_days;
        """
    )


def project(folder: Path) -> Path:
    """The ledger's half of the dbt project in ``folder``, its inputs replaced by views over ``fixture``."""
    target = folder / "project"
    shutil.copytree(DBT / "macros", target / "macros")
    for half in ("models/intermediate/contests", "models/intermediate/goals", *MARTS, "tests/generic"):
        shutil.copytree(DBT / half, target / half)
    shutil.copy(DBT / "models/marts/refresh_sources.yml", target / "models/marts/refresh_sources.yml")
    for name in ("dbt_project.yml", "profiles.yml", "models/run_sources.yml"):
        shutil.copy(DBT / name, target / name)
    (target / "seeds").mkdir()
    for name in (
        "offices.csv",
        "contact_rates.csv",
        "contact_rate_overrides.csv",
        "contest_errors.csv",
        "electoral_votes.csv",
        "goals_seeds.yml",
    ):
        shutil.copy(DBT / "seeds" / name, target / "seeds" / name)
    for test in [*(DBT / "tests").glob("assert_goals_*.sql"), *(DBT / "tests").glob("assert_marts_*.sql")]:
        shutil.copy(test, target / "tests" / test.name)
    probes = target / "models" / "intermediate" / "probes"
    probes.mkdir()
    for name, body in PROBES.items():
        (probes / f"{name}.sql").write_text(
            "{{ config(materialized='view', contract={'enforced': false}) }}\n" + body + "\n"
        )
    stubs = target / "models" / "intermediate" / "stubs"
    stubs.mkdir()
    for name in STUBS:
        (stubs / f"{name}.sql").write_text(
            f"{{{{ config(materialized='table', contract={{'enforced': false}}) }}}}\nselect * from fixture.{name}\n"
        )
    return target


def dbt(project_folder: Path, database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on the project; its output comes back whatever the outcome."""
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments,
               "--project-dir", str(project_folder), "--profiles-dir", str(project_folder)]  # fmt: skip
    environment = {**os.environ, "WINNUMBER_BUILD_DB": str(database), "WINNUMBER_THREADS": "2",
                   "DO_NOT_TRACK": "1"}  # fmt: skip
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def compiled(project_folder: Path, name: str) -> str:
    """The SQL dbt made of a model or a test of the project."""
    # Below a folder called as a .yml file are the fixtures of unit tests and generic tests.
    files = (project_folder / "target" / "compiled").rglob(f"{name}.sql")
    (found,) = (file for file in files if not any(part.suffix == ".yml" for part in file.parents))
    return found.read_text(encoding="utf-8")
