"""Repeated columns of a wide file become rows of a second accepted table.

Belongs here: one select over the Parquet file just written. Blank values make no row.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.model import Unpivot
from orchestration.contracts.shape import PROVENANCE
from orchestration.ingest.sql import parquet
from orchestration.ingest.store import provenance
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb

_ORIGIN = ", ".join(name for name, _, _ in PROVENANCE)


def unpivot_to(con: duckdb.DuckDBPyConnection, entry: dict[str, Any], path: Path, rule: Unpivot, target: Path) -> int:
    """Write the rows that ``rule`` makes of the file at ``path``; returns how many."""
    described = con.execute(f"describe select * from {parquet(path)}").fetchall()
    slots: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for column, *_ in described:
        found = re.fullmatch(rule.pattern, column)
        if found is None:
            continue
        groups = {k: v for k, v in found.groupdict().items() if k != "value"}
        value = found.groupdict().get("value") or rule.values[0]
        slots.setdefault(tuple(groups.items()), {})[value] = column
    labels = [name for name in re.compile(rule.pattern).groupindex if name != "value"]
    keys = ", ".join(f"p.{ident(k)}" for k in rule.keys)
    where = ", ".join(provenance(entry))
    if slots:
        # One struct per slot, kept only where something was written: rows come out in file order.
        structs = ", ".join(
            f"case when coalesce({', '.join(ident(c) for c in columns.values())}) is not null then {{"
            + ", ".join(
                [f"{literal(k)}: {literal(v)}" for k, v in slot]
                + [f"{literal(v)}: {ident(columns[v]) if v in columns else 'null::varchar'}" for v in rule.values]
            )
            + "} end"
            for slot, columns in slots.items()
        )
        fields = ", ".join(f"s.{ident(n)}" for n in [*labels, *rule.values])
        query = (
            f"select {', '.join(ident(k) for k in rule.keys)}, {fields}, {_ORIGIN} from ("
            f"select {keys}, {where}, unnest(list_filter([{structs}], lambda x: x is not null)) as s"
            f" from {parquet(path, row_numbers=True)} p)"
        )
    else:
        empty = ", ".join(f"null::varchar as {ident(n)}" for n in [*labels, *rule.values])
        query = f"select {keys}, {empty}, {where} from {parquet(path, row_numbers=True)} p where false"
    row = con.execute(f"copy ({query}) to {literal(str(target))} (format parquet, compression zstd)").fetchone()
    return int(row[0]) if row is not None else 0
