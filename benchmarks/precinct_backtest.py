"""The backtest at precinct level, on real certified returns read in place: every consecutive pair of elections.

``python -m benchmarks.precinct_backtest ../shared/data/elections`` takes the deliveries in by their contracts, lets dbt
make certified results of them and projects each presidential election from the ones before it: Virginia 2012-2024
(state's database) and Pennsylvania 2016-2024 (MEDSL, OpenElections). Beside them, and named as such, two tables made by
others: North Carolina 2016-2024 with absentee votes modelled back onto precincts, and all five states 2016-2020 on the
voting districts of 2020. A precinct is the same place where its code is the same; Pennsylvania's returns of 2020 name
precincts that 2016 and 2024 number, so 2024 is projected from 2016 there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from orchestration import settings as config
from orchestration import transform
from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.models.backtest import backtest
from orchestration.models.fit_projection import PRECINCTS

VIRGINIA, MEDSL, OPEN = "va_elect/*.zip", "medsl/", "openelections/"
DELIVERIES = (
    ("va_results", date(2012, 11, 6), VIRGINIA, "__2012_President"),
    ("va_results", date(2016, 11, 8), VIRGINIA, "__2016_President"),
    ("va_results", date(2020, 11, 3), VIRGINIA, "__2020_President"),
    ("va_results", date(2024, 11, 5), VIRGINIA, "__2024_President"),
    ("medsl_precinct", date(2016, 11, 8), MEDSL + "2016-pa-precinct.zip", ""),
    ("openelections_precinct", date(2020, 11, 3), OPEN + "oe_pa_2020*.zip", ""),
    ("medsl_precinct", date(2024, 11, 5), MEDSL + "pa24.zip", ""),
)
# No delivery of a home holds these; they are read here only.
NORTH_CAROLINA = """
    select year::varchar as year, 'NC' as state, county || '-' || precinct as county_fips, '' as county_name,
        sum(dem_votes)::bigint::varchar as votes_dem, sum(rep_votes)::bigint::varchar as votes_rep,
        sum(total_votes)::bigint::varchar as votes_total
    from read_csv(?, all_varchar = false, types = {'precinct': 'varchar'}) where contest = 'president' group by all"""
VOTING_DISTRICTS = """
    with wide as (
        unpivot (select * from read_csv(?, all_varchar = true, nullstr = 'NA'))
        on columns('^G[0-9]{2}PRE') into name c value v)
    select '20' || substr(c, 2, 2) as year, ? as state, GEOID20 as county_fips, '' as county_name,
        round(sum(v::double) filter (where substr(c, 7, 1) = 'D'))::bigint::varchar as votes_dem,
        round(sum(v::double) filter (where substr(c, 7, 1) = 'R'))::bigint::varchar as votes_rep,
        round(sum(v::double))::bigint::varchar as votes_total
    from wide group by all having sum(v::double) > 0"""


def main(elections: Path) -> None:
    """Print the scores as JSON, by group of states."""
    with tempfile.TemporaryDirectory() as folder:
        certified = from_deliveries(elections, Path(folder))
    with duckdb.connect() as con:
        derived = frame(con, NORTH_CAROLINA, [str(next((elections / "nc_derived").glob("*.csv.gz")))])
        districts = pl.concat(
            frame(con, VOTING_DISTRICTS, [str(next((elections / "alarm").glob(f"vest_{s.lower()}_{y}_*vtd*"))), s])
            for s in ("FL", "NC", "OH", "PA", "VA")
            for y in ("2016", "2020")
        )
    certified = certified.filter((pl.col("state") != "PA") | (pl.col("year") != "2020"))
    groups = {f"{state}, certified": certified.filter(pl.col("state") == state) for state in ("VA", "PA")}
    groups |= {"NC, absentee votes modelled back": derived, "five states, voting districts of 2020": districts}
    found = {name: [asdict(row) for row in backtest(table, least=1).rows] for name, table in groups.items()}
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


def from_deliveries(elections: Path, work: Path) -> pl.DataFrame:
    """Presidential votes by precinct from the deliveries, as a table that ``read_panel`` takes."""
    contracts = {name: c for name, c in load_contracts().items() if c.domain == "results"}
    for source, day, pattern, only in DELIVERIES:
        place = work / "landing" / source / day.isoformat()
        place.mkdir(parents=True, exist_ok=True)
        for file in elections.glob(pattern):
            take(file, only, place)
    for source in sorted({s for s, *_ in DELIVERIES}):
        for outcome in ingest_source(work, contracts[source]):
            sys.stderr.write(f"{outcome.delivery_id}: {outcome.status} {outcome.cause or ''}\n")
    settings = config.load(home=work)
    database = transform.build_database(settings)
    database.parent.mkdir(parents=True)
    with duckdb.connect(str(database)) as con:
        open_accepted(con, work, load_contracts())
        config.write_config(con, settings, data_as_of=date(2024, 11, 5), release_id="backtest")
    subprocess.run(
        [transform.dbt_executable(), "--quiet", "build", "--select", "+int_results__certified", "--resource-type",
         "seed", "--resource-type", "model", "--project-dir", str(transform.PROJECT_DIR),
         "--profiles-dir", str(transform.PROJECT_DIR)],
        env={**os.environ, **transform.environment(settings)}, check=True, stdout=sys.stderr,
    )  # fmt: skip
    with duckdb.connect(str(database)) as con:
        return frame(con, PRECINCTS, [])


def take(file: Path, only: str, place: Path) -> None:
    """Land a file, or the members of an archive whose names hold ``only``."""
    if not only:
        shutil.copy(file, place)
        return
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if re.search(only, name):
                archive.extract(name, place)


def frame(con: duckdb.DuckDBPyConnection, query: str, values: list[str]) -> pl.DataFrame:
    """A result as a frame of text."""
    found = con.execute(query, values)
    names = [column[0] for column in found.description or ()]
    rows = [[None if value is None else str(value) for value in row] for row in found.fetchall()]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
