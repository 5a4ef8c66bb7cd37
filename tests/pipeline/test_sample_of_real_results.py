"""A sample that reproduces real county results: what it delivers has their shares, and is taken in whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest
from deliveries import CONTRACTS
from pipeline_homes import SHARED_DATA, once, winnumber

from orchestration.ingest.run import ingest_source

VOTERS = "20000"
COUNTY_RESULTS = next(iter(sorted((SHARED_DATA / "elections" / "county_president").glob("*.csv"))), None)

pytestmark = pytest.mark.skipif(
    COUNTY_RESULTS is None,
    reason=f"no real county results in {SHARED_DATA / 'elections' / 'county_president'}; set WINNUMBER_SHARED_DATA",
)


@pytest.fixture(scope="session")
def real_home(shared: Path) -> Path:
    """A home in which a sample of real results has landed."""

    def build(home: Path) -> None:
        winnumber(home, "sample", "--voters", VOTERS, "--results", str(COUNTY_RESULTS))

    return once(shared / "real_results", build)


def test_delivered_county_shares_are_the_real_ones_within_rounding(real_home: Path) -> None:
    assert COUNTY_RESULTS is not None
    columns = ["state", "county_fips", "votes_dem", "votes_rep"]
    kinds = dict.fromkeys(("state", "county_fips"), pl.String)

    def of_2024(path: Path) -> pl.DataFrame:
        return pl.read_csv(path, schema_overrides=kinds).filter(pl.col("year") == 2024).select(columns)

    (delivered,) = (real_home / "landing" / "county_president").rglob("*.csv")
    both = of_2024(delivered).join(of_2024(COUNTY_RESULTS), on=["state", "county_fips"], how="left", suffix="_real")
    assert both.height == 67 + 100 + 88 + 67 + 133
    assert both.null_count().sum_horizontal().item() == 0
    real_share = pl.col("votes_dem_real") / (pl.col("votes_dem_real") + pl.col("votes_rep_real"))
    # Votes are whole: in a county of n ballots the nearest share lies within half a vote.
    off = (pl.col("votes_dem") - real_share * (pl.col("votes_dem") + pl.col("votes_rep"))).abs()
    assert both.select(off.max()).item() <= 0.5 + 1e-6


def test_every_delivery_of_such_a_sample_is_accepted(real_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "landing").mkdir(parents=True)
    (home / "control_totals.csv").write_bytes((real_home / "control_totals.csv").read_bytes())
    taken = set()
    for source in sorted(p.name for p in (real_home / "landing").iterdir()):
        (home / "landing" / source).symlink_to(real_home / "landing" / source)
        for outcome in ingest_source(home, CONTRACTS[source], threads=2):
            assert (outcome.status, outcome.quarantined) == ("accepted", 0), outcome.cause
            taken.add(source)
    assert {"nc_results", "oh_results", "va_results", "medsl_precinct", "county_president"} <= taken
    assert zipfile.is_zipfile(next((real_home / "landing" / "nc_results" / "2024-11-05").iterdir()))


def test_such_a_sample_is_refreshed_and_published(real_home: Path) -> None:
    said = winnumber(real_home, "refresh", "--json").json()
    assert (said["exit_code"], said["published"], said["causes"]) == (0, "published", [])
    lines = winnumber(real_home, "goals", "--office", "governor", "--json").json()
    assert {line["contest_id"].split(":")[1] for line in lines} == {"OH", "FL", "PA"}
