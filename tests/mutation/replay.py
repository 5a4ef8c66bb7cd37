"""Rebuild what is made from a model, as dbt would, after the model was changed: compiled SQL, in order, in a session.

Belongs here: which models are made from which, and building them anew. Does not belong here: what was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from .world import relation_of


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


def rebuild(con: duckdb.DuckDBPyConnection, project: Project, changed: str) -> list[str]:
    """Build every model anew that is made from a changed relation; they are named in order."""
    names = project.made_from(changed)
    for name in names:
        con.execute(f"create or replace table {name} as {project.sql[name]}")
    return names
