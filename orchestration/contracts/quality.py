"""From a contract's ``quality`` block to a rule that a gate can evaluate.

Belongs here: the meaning of each ODCS quality entry, in the vocabulary of the gate's checks.
Does not belong here: evaluating a rule (``gates``).

Spelling, with the gate's kind it becomes:

* ``metric: rowCount`` with ``mustBe...`` bounds -> ``row_count_between``
* ``metric: nullValues`` -> ``not_null`` (``mustBeLessOrEqualTo`` with ``unit: percent`` allows a share)
* ``metric: invalidValues`` with ``arguments`` ``validValues`` (a list), ``codeList`` (a list of the
  contract) or ``pattern`` (whole value) -> ``in_set`` / ``matches``, or ``share_between`` with a percentage
* ``metric: duplicateValues`` with ``arguments.properties`` at table level -> ``unique``
* ``type: sql`` with a ``query`` that must return no row -> ``sql_zero``
* ``type: custom`` with ``engine: winnumber`` and ``implementation: {kind, params}`` -> that kind
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.contracts.model import Column, QualityRule
from orchestration.contracts.text import Node
from orchestration.sqltext import ident, literal

_BOUNDS = ("mustBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo",
           "mustBeBetween")  # fmt: skip
_SEVERITIES = ("error", "warning")


def quality_rule(node: Node, column: Column | None, codes: Mapping[str, Mapping[str, str]]) -> QualityRule:
    """One quality entry of a table (``column`` None) or of a column; raises ``ContractError``."""
    node.only(
        "name", "type", "metric", "arguments", "severity", "description", "customProperties", "unit", "query",
        "engine", "implementation", "dimension", "businessImpact", *_BOUNDS,
    )  # fmt: skip
    name = str(node.need("name"))
    reason = str(node.get("description") or "").strip()
    if not reason:
        raise node.error("has no description; say why the rule exists and what its threshold rests on")
    severity = str(node.get("severity", "error"))
    if severity not in _SEVERITIES:
        raise node.error(f"severity is {severity!r}; expected error or warning")
    kind, params = _meaning(node, column, codes)
    if column is not None and (column.optional or column.since or column.until) and kind in ("in_set", "matches"):
        # Older or other files do not hold the column at all; that is no reason to refuse them.
        params["allow_all_null"] = True
    owner = node.custom("owner").text("owner") or "data"
    return QualityRule(name, kind, params, severity, reason, owner)


def _meaning(
    node: Node, column: Column | None, codes: Mapping[str, Mapping[str, str]]
) -> tuple[str, dict[str, object]]:
    kind = str(node.get("type", "library"))
    if kind == "sql":
        if node.get("mustBe", 0) != 0:
            raise node.error("a sql rule holds when its query returns no row; write mustBe: 0 or leave it out")
        return "sql_zero", {"sql": str(node.need("query"))}
    if kind == "custom":
        if node.get("engine") != "winnumber":
            raise node.error(f"engine is {node.get('engine')!r}; expected winnumber")
        implementation = node.child("implementation")
        implementation.only("kind", "params")
        return str(implementation.need("kind")), dict(implementation.need("params"))
    if kind != "library":
        raise node.error(f"type is {kind!r}; expected library, sql or custom")
    metric = str(node.need("metric"))
    if metric == "rowCount":
        return "row_count_between", _row_bounds(node)
    if metric == "nullValues":
        share = _share(node)
        return "not_null", {"column": _column(node, column).name} | ({"max_share": share} if share else {})
    if metric == "invalidValues":
        return _invalid_values(node, _column(node, column), codes)
    if metric == "duplicateValues":
        arguments = node.child("arguments")
        columns = arguments.strings("properties") or ([column.name] if column else [])
        if not columns:
            raise node.error("a duplicateValues rule of a table needs arguments.properties")
        if _share(node) != 0.0:
            raise node.error("duplicates are allowed or not; write mustBe: 0")
        return "unique", {"columns": columns}
    raise node.error(f"metric is {metric!r}; expected rowCount, nullValues, invalidValues or duplicateValues")


def _invalid_values(
    node: Node, column: Column, codes: Mapping[str, Mapping[str, str]]
) -> tuple[str, dict[str, object]]:
    arguments = node.child("arguments")
    arguments.only("validValues", "pattern", "codeList")
    share = _share(node)
    pattern = arguments.text("pattern")
    if pattern is not None:
        if share == 0.0:
            return "matches", {"column": column.name, "regex": f"^(?:{pattern})$"}
        condition = f"not regexp_full_match({ident(column.name)}, {literal(pattern)})"
        return "share_between", {"condition": condition, "max": share}
    listed = arguments.text("codeList")
    if listed is not None and listed not in codes:
        raise node.error(f"code list {listed!r} is not under codeLists")
    values = list(codes[listed]) if listed is not None else arguments.strings("validValues")
    if not values:
        raise node.error("an invalidValues rule needs arguments: pattern, validValues or codeList")
    if share == 0.0:
        return "in_set", {"column": column.name, "values": values}
    members = ", ".join(literal(v) for v in values)
    return "share_between", {"condition": f"{ident(column.name)} not in ({members})", "max": share}


def _row_bounds(node: Node) -> dict[str, object]:
    bounds: dict[str, object] = {}
    if "mustBe" in node:
        bounds = {"min": int(node.get("mustBe")), "max": int(node.get("mustBe"))}
    if "mustBeGreaterThan" in node:
        bounds["min"] = int(node.get("mustBeGreaterThan")) + 1
    if "mustBeGreaterOrEqualTo" in node:
        bounds["min"] = int(node.get("mustBeGreaterOrEqualTo"))
    if "mustBeLessThan" in node:
        bounds["max"] = int(node.get("mustBeLessThan")) - 1
    if "mustBeLessOrEqualTo" in node:
        bounds["max"] = int(node.get("mustBeLessOrEqualTo"))
    if "mustBeBetween" in node:
        low, high = node.get("mustBeBetween")
        bounds = {"min": int(low), "max": int(high)}
    if not bounds:
        raise node.error("a rowCount rule needs a bound such as mustBeGreaterThan")
    return bounds


def _share(node: Node) -> float:
    """The allowed share 0..1; ``mustBe: 0`` (or nothing) allows none."""
    limit: Any = node.get("mustBeLessOrEqualTo", node.get("mustBeLessThan"))
    if limit is None:
        if node.get("mustBe", 0) != 0:
            raise node.error("mustBe other than 0 is not a limit; use mustBeLessOrEqualTo with unit: percent")
        return 0.0
    if node.get("unit") != "percent":
        raise node.error("a limit other than 0 is a share; write unit: percent")
    return float(limit) / 100


def _column(node: Node, column: Column | None) -> Column:
    if column is None:
        raise node.error(f"a {node.get('metric')} rule belongs under a property")
    return column
