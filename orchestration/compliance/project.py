"""A dbt project as the lineage reads it: relations with their columns, and the SQL each model was compiled to.

Belongs here: what dbt's manifest and its compiled files say. Does not belong here: following the SQL (`columns`,
`lineage`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

PROJECT = "winnumber"


class Made(StrEnum):
    """Where the rows of a relation come from."""

    DELIVERED = "delivered"  # accepted rows, of one contract or (the opt-outs) of many
    WRITTEN = "written"  # by the refresh itself: the campaign's choices, fitted models, who is who
    SEED = "seed"
    MODEL = "model"


@dataclass(frozen=True)
class Relation:
    """One relation of the warehouse under construction.

    ``name``: 'schema.table'. ``label``: as people say it. ``types``: column -> declared type. ``permitted``: of a
    delivered one, the purposes its contract permits; ``contract``: its id, empty where many contracts feed it.
    ``made_from``: what a written one says it was made from (labels); None when it does not say. ``pii``: column ->
    declared family. ``sql``: of a model, None when it was not compiled. ``parents``: of a model, the relations dbt
    knows it needs.
    """

    name: str
    label: str
    made: Made
    types: Mapping[str, str]
    permitted: tuple[str, ...] = ()
    contract: str = ""
    made_from: tuple[str, ...] | None = None
    pii: Mapping[str, str] = field(default_factory=dict)
    sql: str | None = None
    parents: frozenset[str] = frozenset()


def relations_of(manifest: Mapping[str, Any], compiled: Mapping[str, str]) -> list[Relation]:
    """Every source, seed and model of a manifest; ``compiled``: SQL by dbt's unique id."""
    named = {uid: _name(node) for uid, node in _nodes(manifest)}
    return [_relation(uid, node, named, compiled) for uid, node in _nodes(manifest)]


def read_project(manifest: Path, targets: Iterable[Path]) -> list[Relation]:
    """The same from the files of dbt's target folders; a later folder's compiled SQL counts before an earlier one's."""
    read: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    compiled: dict[str, str] = {}
    folders = [target / "compiled" / PROJECT for target in targets]
    for uid, node in read["nodes"].items():
        if node["resource_type"] == "model":
            for folder in folders:
                path = folder / node["original_file_path"]
                if path.exists():
                    compiled[uid] = path.read_text(encoding="utf-8")
    return relations_of(read, compiled)


def _nodes(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from manifest["sources"].items()
    for uid, node in manifest["nodes"].items():
        if node["resource_type"] in ("seed", "model"):
            yield uid, node


def _name(node: Mapping[str, Any]) -> str:
    table = node.get("alias") or node.get("identifier") or node["name"]
    return f"{node['schema']}.{table}".lower()


def _header(node: Mapping[str, Any]) -> list[str]:
    """The columns of a seed that is on disk; what its description leaves out is there all the same."""
    path = Path(node.get("root_path") or "") / node.get("original_file_path", "")
    if not node.get("root_path") or not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [name.strip().lower() for name in next(csv.reader(file), [])]


def _relation(uid: str, node: Mapping[str, Any], named: Mapping[str, str], compiled: Mapping[str, str]) -> Relation:
    kind = node["resource_type"]
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    types = {name.lower(): str(column.get("data_type") or "varchar") for name, column in node["columns"].items()}
    if kind == "seed":
        types |= {name: types.get(name, "varchar") for name in _header(node)}
        types |= {name.lower(): said for name, said in node["config"].get("column_types", {}).items()}
    pii = {
        name.lower(): str(said["pii"])
        for name, column in node["columns"].items()
        if "pii" in (said := {**column.get("meta", {}), **column.get("config", {}).get("meta", {})})
    }
    written = meta.get("made_from")
    delivered = kind == "source" and "permitted_use" in meta
    made = {"seed": Made.SEED, "model": Made.MODEL}.get(kind, Made.DELIVERED if delivered else Made.WRITTEN)
    return Relation(
        name=named[uid],
        label=node["name"] if kind != "source" else f"{node['source_name']}.{node['name']}",
        made=made,
        types=types,
        permitted=tuple(meta["permitted_use"]) if delivered else (),
        contract=str(meta.get("contract", "")),
        made_from=None if written is None else tuple(str(part) for part in written),
        pii=pii,
        sql=compiled.get(uid),
        parents=frozenset(named[p] for p in node.get("depends_on", {}).get("nodes", ()) if p in named),
    )
