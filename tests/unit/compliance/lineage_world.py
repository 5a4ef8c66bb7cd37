"""A small warehouse as dbt's manifest would tell of it: delivered lists, own records, and models that tests plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from orchestration.compliance.exceptions import Excuse
from orchestration.compliance.judge import Judgement, judge
from orchestration.compliance.lineage import Lineage, lineage_of
from orchestration.compliance.project import relations_of
from orchestration.contracts.model import Column, Contract, Kind, PiiFamily, Table

DAY = date(2026, 9, 3)
EVERYTHING = ("analysis", "voter_contact", "fundraising", "volunteer_recruitment", "aggregate_publication")
PERSON = {
    "person_id": "identity", "last_name": "identity", "email": "contact", "birth_date": "birth", "county": "geography",
    "state": "geography", "party": "political", "amount": "financial",
}  # fmt: skip


def contract(name: str, uses: Sequence[str], **said: Any) -> Contract:
    """A delivered list of people; its columns are those of ``PERSON``."""
    columns = tuple(Column(column, column, pii=PiiFamily(family)) for column, family in PERSON.items())
    table = Table(name, "", "", columns)
    settings = {"domain": "donors", "retention_days": 2000, **said}
    return Contract(
        id=name, name=name, version="1", purpose="", tables=(table,), permitted_use=tuple(uses),
        path=f"data_contracts/{name}.odcs.yaml", **settings,
    )  # fmt: skip


DELIVERED = {
    c.id: c
    for c in (
        contract("fec_individuals", ["analysis"], sender="Federal Election Commission, bulk data"),
        contract("actblue", EVERYTHING),
        contract("poll", ["analysis"], domain="field"),
        *(
            contract(f"{state.lower()}_voters", uses, domain="voter_file", state=state, kind=Kind.VOTERS)
            for state, uses in {"NC": EVERYTHING, "VA": EVERYTHING[:2], "PA": EVERYTHING[:2]}.items()
        ),
    )
}


def published(name: str, *uses: str, audience: str = "restricted") -> Contract:
    """A table that leaves the house for ``uses``."""
    return replace(contract(name, uses), domain="published", audience=audience)


def manifest(models: Mapping[str, str], columns: Mapping[str, Sequence[str]], **meta: Any) -> dict[str, Any]:
    """What dbt would say: the delivered tables as sources, each model under its schema, `models.scores` as written."""
    sources = {
        f"source.winnumber.accepted.{c.id}": _node(
            "source", "accepted", c.id, {n: {"meta": {"pii": f}, "data_type": "varchar"} for n, f in PERSON.items()},
            {"contract": c.id, "permitted_use": list(c.permitted_use)},
        )
        for c in DELIVERED.values()
    }  # fmt: skip
    scores = _node(
        "source",
        "models",
        "scores",
        {"person_id": meta.get("person_id", {"meta": {"pii": "identity"}}), "score": {}},
        meta.get("scores", {"made_from": []}),
    )
    nodes = {
        f"model.winnumber.{name}": _node(
            "model", schema_of(name), name, {column: {} for column in columns[name]}, {}
        )
        for name in models
    }  # fmt: skip
    return {"sources": {**sources, "source.winnumber.models.scores": scores}, "nodes": nodes}


def schema_of(name: str) -> str:
    """staging, intermediate or marts, by the model's name."""
    return {"stg": "staging", "int": "intermediate"}.get(name.split("_")[0], "marts")


def _node(kind: str, schema: str, name: str, columns: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": kind, "schema": schema, "name": name, "identifier": name, "source_name": schema,
        "columns": dict(columns), "meta": dict(meta), "config": {},
    }  # fmt: skip


def world(models: Mapping[str, tuple[Sequence[str], str]], **meta: Any) -> Lineage:
    """The lineage of models given as name -> (declared columns, SQL)."""
    said = manifest({n: sql for n, (_, sql) in models.items()}, {n: c for n, (c, _) in models.items()}, **meta)
    return lineage_of(relations_of(said, {f"model.winnumber.{name}": sql for name, (_, sql) in models.items()}))


def judged(
    models: Mapping[str, tuple[Sequence[str], str]], *tables: Contract, excuses: Sequence[Excuse] = (),
    delivered: Mapping[str, Contract] = DELIVERED, on: date = DAY, **meta: Any,
) -> Judgement:  # fmt: skip
    """The judgement on the published ``tables`` of such a project."""
    return judge(world(models, **meta), {**delivered, **{t.id: t for t in tables}}, excuses, on)
