"""Whether a rule of a published contract finds fault with the tables in a database."""

from __future__ import annotations

import re

import duckdb

from orchestration.contracts.load import ROOT, load_contract
from orchestration.contracts.model import QualityRule
from orchestration.gates.checks import Check
from orchestration.gates.counting import counting_query, is_counted


def published_rules() -> dict[str, QualityRule]:
    """Every rule of every published contract, by `<table>.<rule>`."""
    return {
        f"{path.name.removesuffix('.odcs.yaml')}.{rule.name}": rule
        for path in sorted((ROOT / "published").glob("*.odcs.yaml"))
        for rule in load_contract(path).tables[0].quality
    }


def is_standard(name: str) -> bool:
    """Whether the rule is one that every table has, broken in the same way everywhere."""
    return re.search(r"_(has_rows|key_is_unique)$", name) is not None


def standard_corruption(name: str) -> str:
    """The corruption of a rule that every table has."""
    table, rule = name.split(".")
    return f"delete from {table}" if rule == f"{table}_has_rows" else f"insert into {table} from {table} limit 1"


def offending(con: duckdb.DuckDBPyConnection, name: str, rule: QualityRule) -> int:
    """How many rows of the tables in the current schema break the rule, by the gate's own query where it has one."""
    table = name.split(".")[0]
    if is_counted(rule.kind):
        query = counting_query(Check(check_id=name, table=f"main.{table}", kind=rule.kind, params=dict(rule.params)))
        return int(con.execute(query.format(batch=table).replace("\\:", ":")).fetchone()[1])
    column = rule.params.get("column")
    condition = {
        "row_count_between": "false",
        "in_set": f"{column} not in (select unnest(?))",
        "between": f"{column} < ? or {column} > ?",
    }[rule.kind]
    values: list[object] = {"in_set": [rule.params.get("values")], "row_count_between": [],
                            "between": [rule.params.get("min"), rule.params.get("max")]}[rule.kind]  # fmt: skip
    rows, bad = con.execute(f"select count(*), count(*) filter (where {condition}) from {table}", values).fetchone()
    return int(bad) if rows else 1
