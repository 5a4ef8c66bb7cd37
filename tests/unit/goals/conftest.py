"""One small world, built once by dbt, that the goal tests look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import goals_world
import pytest


@dataclass(frozen=True)
class Ledger:
    """A built ledger: the dbt project it was built by and the database it is in."""

    project: Path
    database: Path
    returncode: int
    output: str = field(repr=False)

    def compiled(self, name: str) -> str:
        """The SQL dbt made of a model or a test."""
        return goals_world.compiled(self.project, name)


def build(folder: Path, *arguments: str, **world: object) -> Ledger:
    """Fabricate a world in ``folder`` and build the ledger on it."""
    database = folder / "warehouse.duckdb"
    with duckdb.connect(str(database)) as con:
        goals_world.write(con, **world)  # type: ignore[arg-type]
    project = goals_world.project(folder)
    done = goals_world.dbt(project, database, "build", *arguments)
    return Ledger(project, database, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Two states, some four thousand voters, every model, data test and unit test run."""
    return build(tmp_path_factory.mktemp("goals"))


@pytest.fixture
def warehouse(ledger: Ledger) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built database; whatever a test changes is rolled back."""
    with duckdb.connect(str(ledger.database)) as con:
        con.execute("begin")
        yield con
        con.execute("rollback")
