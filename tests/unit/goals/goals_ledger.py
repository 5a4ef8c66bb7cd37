"""A small world and the ledger that dbt builds on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import goals_world


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
