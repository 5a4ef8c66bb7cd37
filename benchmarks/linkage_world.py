"""Voters and donors in a database, as dbt would have cleaned them: what the linkage is measured on.

The SQL is that of the models themselves, rendered without dbt, so that a measurement of the linkage alone needs no
delivery, no ingest and no build.
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import polars as pl

from orchestration.sample import contacts, counties, crowd, days, geography, people, truth, voting
from orchestration.sample.fields import Chunk
from orchestration.sample.plan import SamplePlan
from orchestration.sample.write import groups

if TYPE_CHECKING:
    import duckdb

DBT = Path(__file__).resolve().parents[1] / "dbt_project"
RECORD_COLUMNS = (
    "record_id", "source", "source_person_id", "given_voter_id", "first_name", "middle_name", "last_name",
    "name_suffix", "email", "phone", "address", "city", "state", "zip5", "first_seen_date",
)  # fmt: skip


def everybody(plan: SamplePlan) -> tuple[pl.DataFrame, crowd.Crowd]:
    """All voters of the plan's sample as their files have them (the columns of int_voters__people), and the crowd."""
    parts = []
    for state in plan.states:
        built = counties.build(state, plan.split()[state], plan.seed, None)
        geo = geography.build(built, plan.seed)
        newcomers = days.newcomers(plan, geo)
        starts = people.serial_starts(geo, newcomers.sum(axis=0))
        for number, group in enumerate(groups(built.voters)):
            inhabitants = people.build(plan, geo, number, group, newcomers)
            votes = voting.build(plan, geo, inhabitants)
            changes = days.draw_changes(plan, geo, inhabitants, votes)
            snapshot = days.view(plan, geo, inhabitants, changes, 1)
            parts.append(contacts.draw(plan, geo, Chunk(inhabitants, starts), votes, snapshot, pool=2.0))
    world = crowd.assemble(parts, plan.voters, plan.seed)
    shown = pl.when(~pl.col("is_protected"))
    voters = (
        pl.concat(parts)
        .filter(pl.col("voter_id").is_not_null())
        .select(
            "voter_id", "state", "last_name", "first_name", "middle_name", "name_suffix", "is_protected",
            birth_date=pl.when(pl.col("state") != "NC").then("birth_date"),
            residence_address=shown.then("address"), residence_city=shown.then("city"),
            residence_zip=shown.then("zip5"), phone=shown.then("file_phone"), email=shown.then("file_email"),
        )
    )  # fmt: skip
    return voters, world


def donors(world: crowd.Crowd, share: float, source: str = "donors", repeats: float = 0.03) -> pl.DataFrame:
    """Dirty donors of the crowd as a people staging model has them, with `person` besides."""
    seen = world.appear(source, share, repeats=repeats)
    return seen.with_row_index("n").select(
        record_id=pl.format("{}:{}", pl.lit(source), "n"), source=pl.lit(source),
        source_person_id=pl.col("n").cast(pl.String), given_voter_id=pl.lit(None, dtype=pl.String),
        **{name: pl.col(name) for name in RECORD_COLUMNS[4:14]},
        first_seen_date=pl.lit(date(2026, 9, 1)) - pl.duration(days=pl.col("n") % 400), person="person",
    )  # fmt: skip


def links_truth(records: pl.DataFrame, world: crowd.Crowd, folder: Path) -> None:
    """`people_links.parquet` for these records."""
    rows = records.select("source", pl.col("source_person_id").alias("record_key"), "person")
    folder.mkdir(parents=True, exist_ok=True)
    truth.write_links([rows], world, folder)


def load(con: duckdb.DuckDBPyConnection, voters: pl.DataFrame, records: pl.DataFrame) -> None:
    """Write `intermediate.int_identity__voters` and `..records` from raw voters and records."""
    con.execute("create schema if not exists intermediate")
    with tempfile.TemporaryDirectory() as folder:
        for table, frame in (("int_voters__people", voters), ("delivered_records", records.select(RECORD_COLUMNS))):
            frame.write_parquet(Path(folder) / f"{table}.parquet")
            con.execute(f"create or replace temp table {table} as from read_parquet('{folder}/{table}.parquet')")
    for seed in ("nicknames", "street_types"):
        con.execute(f"create or replace temp table {seed} as from read_csv('{DBT}/seeds/{seed}.csv', all_varchar=true)")
    for model in ("int_identity__voters", "int_identity__records"):
        con.execute(f"create or replace table intermediate.{model} as {rendered(model)}")


def rendered(model: str) -> str:
    """A model's SQL for DuckDB; the people of the feeds are the table `delivered_records`."""
    macros = jinja2.Environment(loader=jinja2.FileSystemLoader(DBT / "macros"))  # noqa: S701

    class Adapter:
        def dispatch(self, name: str, _: str) -> object:
            return getattr(macros.get_template("dialect.sql").make_module(), f"default__{name}")

    macros.globals["adapter"] = Adapter()
    for file in ("dialect", "contact", "address"):
        module = macros.get_template(f"{file}.sql").make_module()
        macros.globals |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    macros.globals |= {"ref": lambda name: name, "people_records": lambda _: "select * from delivered_records"}
    path = DBT / "models" / "intermediate" / "identity" / f"{model}.sql"
    return macros.from_string(path.read_text(encoding="utf-8")).render()


__all__ = ["donors", "everybody", "links_truth", "load", "rendered"]
