"""Rebuild what is made from a model, as dbt would, after the model was changed: compiled SQL, in order, in a session.

Belongs here: which models are made from which, and building them anew. Does not belong here: what was changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.refresh import DBT_PARTS

from .account import Account, test_guards
from .derived import Corruption
from .evaluate import Outcome
from .structure import FAMILY, twice, unguarded
from .world import World, manifest, relation_of


@dataclass(frozen=True)
class Project:
    """The models of a dbt project: by 'schema.name' their compiled SQL, and what each one reads."""

    sql: Mapping[str, str]
    parents: Mapping[str, frozenset[str]]

    def made_from(self, relation: str) -> list[str]:
        """Every model that descends from a relation, each after those it reads."""
        wanted: set[str] = set()
        reached = {relation}
        while reached:
            reached = {name for name in self.sql if self.parents[name] & reached} - wanted
            wanted |= reached
        ordered: list[str] = []
        while waiting := [name for name in sorted(wanted) if name not in ordered]:
            ordered += [name for name in waiting if not (self.parents[name] & wanted) - set(ordered)]
        return ordered


def project_of(said: Mapping[str, Any], compiled: Mapping[str, str]) -> Project:
    """The project of a manifest; `compiled`: SQL by unique id."""
    models = {uid: node for uid, node in said["nodes"].items() if node["resource_type"] == "model" and uid in compiled}
    names = {uid: relation_of(node) for uid, node in {**said["nodes"], **said["sources"]}.items()}
    return Project(
        {names[uid]: compiled[uid] for uid in models},
        {names[uid]: frozenset(names[p] for p in node["depends_on"]["nodes"]) for uid, node in models.items()},
    )


def compiled_in(built: Path) -> dict[str, str]:
    """The SQL that a refresh ran, by unique id."""
    return {
        result["unique_id"]: result["compiled_code"]
        for part in DBT_PARTS
        for result in json.loads((built / f"dbt_{part}" / "run_results.json").read_text())["results"]
        if result.get("compiled_code")
    }


def rebuild(con: duckdb.DuckDBPyConnection, project: Project, changed: str) -> list[str]:
    """Build every model anew that is made from a changed relation; they are named in order."""
    names = project.made_from(changed)
    for name in names:
        con.execute(f"create or replace table {name} as {project.sql[name]}")
    return names


def of_unguarded(world: World) -> Account:
    """The account of the models without a test of their key: with every row twice, what is made from them shows it."""
    built = (world.home / "build" / "active").resolve()
    project = project_of(manifest(built), compiled_in(built))
    account = Account()
    for place in sorted(unguarded(world)):
        account.corruptions += 1
        caught = _catchers(world, project, twice(place))
        if not caught:
            account.uncaught.append(f"{FAMILY}: every row of {place} twice: nothing made from it shows it")
    return account


def _catchers(world: World, project: Project, corruption: Corruption) -> list[str]:
    """The first data test that finds fault after everything made from the changed relation was built anew."""
    with world.corrupted(corruption.statements):
        changed = {corruption.relation, *rebuild(world.con, project, corruption.relation)}
        guards = test_guards(world, (t for t in world.data_tests.values() if changed & set(t.relations)), {})
        return [guard.name for guard in guards if guard.ask() is not Outcome.SOUND][:1]
