"""One sound world in memory: the delivered rows, the warehouse dbt built and the sealed candidate of a refreshed home.

Belongs here: copying a home into one DuckDB session in which every check of every gate can be asked, and corrupting it
inside a transaction that is rolled back. Does not belong here: which corruptions, which checks. The home is only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract
from orchestration.demands import PUBLISHED
from orchestration.publish.candidate import GENERAL_FILE
from orchestration.refresh import DBT_PARTS

from .fabricated import BUILT, FABRICATED

WAREHOUSE = Path(GENERAL_FILE).stem  # the catalog that dbt's compiled SQL and the general file's checks both name


@dataclass(frozen=True)
class DataTest:
    """One dbt data test as the refresh ran it. `kind` is 'singular' or the generic test's name."""

    name: str
    kind: str
    params: Mapping[str, Any]
    relations: tuple[str, ...]
    where: str | None
    sql: str

    @property
    def subject(self) -> str:
        """The relation a generic test is about, 'schema.name'."""
        return self.relations[0]


@dataclass(frozen=True)
class World:
    """A session that holds everything, and what the project says there is to check."""

    con: duckdb.DuckDBPyConnection
    home: Path
    contracts: Mapping[str, Contract]
    data_tests: Mapping[str, DataTest]
    models: frozenset[str]  # 'schema.name' of every model and seed of the dbt project

    @contextmanager
    def corrupted(self, statements: Sequence[str]) -> Iterator[None]:
        """The world with `statements` done to it; whatever happens, they are rolled back."""
        self.con.execute("begin")
        try:
            for statement in statements:
                self.con.execute(statement)
            yield
        finally:
            self.con.execute("rollback")

    def columns(self, relation: str) -> dict[str, str]:
        """Column -> type of a relation, in order."""
        return {row[0]: row[1] for row in self.con.execute(f"describe {relation}").fetchall()}

    def one(self, sql: str) -> Any:
        """The first value of a query, None when it has no row."""
        row = self.con.execute(sql).fetchone()
        return row[0] if row else None

    @property
    def published(self) -> dict[str, Contract]:
        """The contracts of the tables that leave the house."""
        return {name: c for name, c in self.contracts.items() if c.domain == PUBLISHED}

    @property
    def delivered(self) -> dict[str, Contract]:
        """The contracts of what comes in."""
        return {name: c for name, c in self.contracts.items() if c.domain != PUBLISHED}


def open_world(home: Path) -> World:
    """Copy what the home's newest refresh built and sealed into memory; raises FileNotFoundError without one."""
    built = (home / "build" / "active").resolve()
    con = copy_of(built / "warehouse.duckdb")
    contracts = load_contracts()
    stems = _copy_candidate(con, built / "candidate")
    _fill_empty(con, stems)
    con.execute(f"set search_path = '{','.join(f'{stem}.main' for stem in stems)}'")
    nodes = manifest(built)["nodes"].values()
    models = frozenset(relation_of(node) for node in nodes if node["resource_type"] in ("model", "seed"))
    return World(con, home, contracts, data_tests(built), models)


def copy_of(database: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse dbt built, in memory, every view a table: a corruption then changes one relation and no other."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    con.execute(f"attach ':memory:' as {WAREHOUSE}")
    con.execute(f"attach '{database}' as built (read_only)")
    con.execute(f"use {WAREHOUSE}.main")
    for schema, name in con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'built'"
    ).fetchall():
        _copy(con, "built", schema, name)
    views = con.execute(
        "select schema_name, view_name from duckdb_views() where database_name = 'built' and not internal "
        "order by case schema_name when 'accepted' then 0 when 'models' then 1 else 2 end"
    ).fetchall()
    while views:
        waiting, cause = [], None
        for schema, name in views:
            try:
                _copy(con, "built", schema, name)
            except duckdb.Error as error:  # a view over a view that is not there yet
                waiting.append((schema, name))
                cause = error
        if len(waiting) == len(views):
            raise RuntimeError(f"views that cannot be read: {waiting}: {cause}")
        views = waiting
    con.execute("detach built")
    return con


def _copy(con: duckdb.DuckDBPyConnection, database: str, schema: str, name: str) -> None:
    con.execute(f'create schema if not exists {WAREHOUSE}."{schema}"')
    con.execute(f'create table {WAREHOUSE}."{schema}"."{name}" as from {database}."{schema}"."{name}"')


def narrow(world: World) -> None:
    """Leave the newest delivery of each accepted table, for good: a delivery is judged by itself.

    What no sample brings is filled. To be done after all that reads staging beside what it was made from.
    """
    con = world.con
    for contract in world.delivered.values():
        for table in contract.tables:
            relation = f'accepted."{table.name}"'
            con.execute(
                f"delete from {relation} where delivery_id <> "
                f"(select max_by(delivery_id, snapshot_date) from {relation})"
            )
            if not con.execute(f"from {relation} limit 1").fetchone():
                for row in FABRICATED.get(table.name, ()):
                    _insert(con, relation, row)


def _insert(con: duckdb.DuckDBPyConnection, relation: str, row: Mapping[str, str]) -> None:
    """Put a row, given as text, into a table."""
    values = ", ".join(f"'{value}' as {column}" for column, value in row.items())
    con.execute(f"insert into {relation} by name select {values}")


def _fill_empty(con: duckdb.DuckDBPyConnection, stems: Sequence[str]) -> None:
    for relation, row in BUILT.items():
        name = relation.split(".")[1]
        sealed = con.execute(
            "select database_name from duckdb_tables() where schema_name = 'main' and table_name = ? "
            "and list_contains(?, database_name)",
            [name, list(stems)],
        ).fetchall()
        for place in (relation, *(f"{stem}.main.{name}" for (stem,) in sealed)):
            if not con.execute(f"from {place} limit 1").fetchone():
                _insert(con, place, row)


def _copy_candidate(con: duckdb.DuckDBPyConnection, candidate: Path) -> list[str]:
    """The candidate's files: the general one into the warehouse's main schema, each other one under its stem."""
    stems = [WAREHOUSE]
    for file in sorted(candidate.glob("*.duckdb")):
        con.execute(f"attach '{file}' as sealed (read_only)")
        if file.name != GENERAL_FILE:
            con.execute(f"attach ':memory:' as {file.stem}")
            stems.append(file.stem)
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where database_name = 'sealed' and schema_name = 'main'"
        ).fetchall():
            con.execute(f'create table {file.stem}.main."{name}" as from sealed.main."{name}"')
        con.execute("detach sealed")
    return stems


def manifest(built: Path) -> dict[str, Any]:
    """What dbt says of the project that built the home."""
    read: dict[str, Any] = json.loads((built / f"dbt_{DBT_PARTS[-1]}" / "manifest.json").read_text())
    return read


def data_tests(built: Path) -> dict[str, DataTest]:
    """Every data test of the newest manifest with the SQL that was run. Raises KeyError for one that was not run."""
    project = manifest(built)
    nodes = {**project["nodes"], **project["sources"]}
    compiled = {
        result["unique_id"]: result["compiled_code"]
        for part in DBT_PARTS
        for result in json.loads((built / f"dbt_{part}" / "run_results.json").read_text())["results"]
        if result["unique_id"].startswith("test.")
    }
    found = {}
    for node in project["nodes"].values():
        if node["resource_type"] != "test":
            continue
        said = node.get("test_metadata") or {"name": "singular", "kwargs": {}}
        attached = node.get("attached_node")
        read = [attached] if attached else list(node["depends_on"]["nodes"])
        found[node["name"]] = DataTest(
            node["name"],
            said["name"],
            {key: value for key, value in said["kwargs"].items() if key != "model"},
            tuple(relation_of(nodes[name]) for name in read),
            node["config"].get("where"),
            compiled[node["unique_id"]],
        )
    return found


def relation_of(node: Mapping[str, Any]) -> str:
    """The 'schema.name' of a node of the manifest."""
    return f"{node['schema']}.{node.get('alias') or node.get('identifier') or node['name']}"
