"""A small voter file contract, files for it, and a gate that evaluates checks without Great Expectations."""

from __future__ import annotations

import copy
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contracts.model import Contract
from orchestration.contracts.odcs import contract_from
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.gates.counting import counting_query, is_counted
from orchestration.ingest.run import DeliveryOutcome, ingest_source

COLUMNS = ("voter_id", "last_name", "first_name", "county", "zip", "registered", "state")
COUNTIES = {"01": "ADAMS", "02": "ALLEN", "03": "ASHLAND"}
DAY1, DAY2, DAY3 = "2026-09-01", "2026-09-02", "2026-09-03"

RAW: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "tiny_voters",
    "name": "Tiny voters",
    "version": "1.0.0",
    "domain": "voter_file",
    "description": {"purpose": "tests"},
    "customProperties": [
        {"property": "kind", "value": "voters"},
        {"property": "state", "value": "XX"},
        {"property": "codeLists", "value": {"county": COUNTIES}},
        {"property": "maxFallShare", "value": 0.1},
        {"property": "maxColumnChangeShare", "value": 0.5},
        {"property": "asOf", "value": {"table": "tiny_voters", "column": "registered", "dateFormat": "%Y-%m-%d",
                                       "maxLagDays": 30}},
        {"property": "stateColumn", "value": {"table": "tiny_voters", "column": "state", "pattern": "XX"}},
    ],
    "schema": [
        {
            "name": "tiny_voters",
            "description": "Voters.",
            "dataGranularityDescription": "one row per voter",
            "customProperties": [
                {"property": "reader", "value": {"members": r"^tiny.*\.txt$", "encoding": "latin-1",
                                                 "delimiter": "\t", "exclude": "(^|/)junk/"}},
            ],
            "properties": [
                {"name": "voter_id", "description": "id", "classification": "identity", "primaryKey": True,
                 "required": True, "logicalTypeOptions": {"pattern": "[0-9]+"},
                 "customProperties": [{"property": "strictPattern", "value": True}]},
                {"name": "last_name", "description": "last", "classification": "identity"},
                {"name": "first_name", "description": "first", "classification": "identity"},
                {"name": "county", "description": "county", "classification": "geography",
                 "customProperties": [{"property": "codeList", "value": "county"}],
                 "quality": [{"name": "county_is_known", "metric": "invalidValues", "description": "why",
                              "arguments": {"codeList": "county"}, "mustBeLessOrEqualTo": 1, "unit": "percent"}]},
                {"name": "zip", "description": "zip", "classification": "contact",
                 "quality": [{"name": "zip_is_a_zip", "metric": "invalidValues", "description": "why",
                              "arguments": {"pattern": "[0-9]{5}"}, "mustBeLessOrEqualTo": 1, "unit": "percent"}]},
                {"name": "registered", "description": "day", "classification": "political"},
                {"name": "state", "description": "state", "classification": "geography"},
            ],
        }
    ],
}  # fmt: skip


def contract(**changes: Any) -> Contract:
    """The small contract. ``reader``: keys of the reader to change; other keys are custom properties."""
    raw = copy.deepcopy(RAW)
    raw["schema"][0]["customProperties"][0]["value"] |= changes.pop("reader", {})
    for change in changes.pop("columns", ()):
        column = next(c for c in raw["schema"][0]["properties"] if c["name"] == change["name"])
        column.update(change)
    raw["schema"][0]["properties"] += changes.pop("more_columns", [])
    raw["schema"][0]["customProperties"] += changes.pop("table", [])
    raw["schema"] += changes.pop("tables", [])
    for name, value in changes.items():
        raw["customProperties"] = [c for c in raw["customProperties"] if c["property"] != name]
        if value is not None:
            raw["customProperties"].append({"property": name, "value": value})
    return contract_from(raw, path="tests")


def people(count: int, newest: str = DAY1, first: int = 1) -> list[list[str]]:
    """Rows of made-up voters; the last one registered on ``newest``."""
    surnames = ("Ash", "Birch", "Cedar", "Dogwood", "Elm")
    rows = [
        [str(1000 + i), surnames[i % 5], f"Given{i}", f"{i % 3 + 1:02d}", f"{10000 + i % 90000}", "2020-01-01", "XX"]
        for i in range(first, first + count)
    ]
    rows[-1][5] = newest
    return rows


def text(rows: Iterable[Sequence[str]], header: Sequence[str] | None = COLUMNS, end: str = "\n") -> str:
    """Rows as a tab-delimited file with quoted values."""
    lines = [*([header] if header is not None else []), *rows]
    return "".join("\t".join(f'"{value}"' for value in line) + end for line in lines)


def drop(home: Path, day: str, content: str | bytes, name: str = "tiny.txt", source: str = "tiny_voters") -> Path:
    """Put a file into the landing folder, in place of what lies there under its name."""
    path = home / "landing" / source / day / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    return path


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def ticking() -> Callable[[], str]:
    """A clock that moves one second at each look."""
    counter = itertools.count()
    return lambda: f"2026-09-04T00:{(n := next(counter)) // 60:02d}:{n % 60:02d}+00:00"


def take(home: Path, made: Contract | None = None, **options: Any) -> list[DeliveryOutcome]:
    """Take in what has landed, with the quick gate."""
    options.setdefault("gate", quick_gate)
    options.setdefault("clock", ticking())
    return ingest_source(home, made or contract(), threads=2, **options)


def only(home: Path, made: Contract | None = None, **options: Any) -> DeliveryOutcome:
    """The outcome of the only delivery."""
    (outcome,) = take(home, made, **options)
    return outcome


def rows_of(outcome: DeliveryOutcome, table: str = "tiny_voters") -> list[tuple[Any, ...]]:
    """The accepted rows of a delivery."""
    columns = ", ".join(COLUMNS) if table == "tiny_voters" else "*"
    return duckdb.sql(f"select {columns} from read_parquet('{outcome.tables[table]}')").fetchall()


def quick_gate(files: Mapping[str, Path], checks: Sequence[Check]) -> list[CheckResult]:
    """Evaluate checks by plain SQL: what Great Expectations does, without its ten seconds of start-up."""
    with duckdb.connect() as con:
        con.execute("create schema accepted")
        for table, path in files.items():
            con.execute(f"create view {table} as from read_parquet('{path}')")
        return [_evaluate(con, check) for check in checks]


def _evaluate(con: duckdb.DuckDBPyConnection, check: Check) -> CheckResult:
    evaluated, unexpected = counts(con, check)
    excused = bool(check.params.get("allow_all_null") or check.params.get("allow_empty"))
    good = unexpected == 0 and (evaluated > 0 or excused)
    status = Status.PASS if good else Status.FAIL if check.severity is Severity.ERROR else Status.WARN
    message = "" if good else f"{unexpected} unexpected"
    observed = f"{unexpected} of {evaluated}"
    return CheckResult(
        check.check_id, check.table, status, check.severity, evaluated, unexpected, observed, check.kind, message
    )


def counts(con: duckdb.DuckDBPyConnection, check: Check) -> tuple[int, int]:
    """(evaluated, unexpected) of one check."""
    if is_counted(check.kind):
        query = counting_query(check).format(batch=check.table).replace("\\:", ":")
        result = con.execute(query)
        names = [d[0] for d in result.description]
        row = dict(zip(names, result.fetchone(), strict=True))
        return int(row["evaluated"]), int(row["unexpected"])
    total = int(con.execute(f"select count(*) from {check.table}").fetchone()[0])
    low, high = check.params.get("min"), check.params.get("max")
    if check.kind == "row_count_between":
        return total, int((low is not None and total < low) or (high is not None and total > high))
    column = f'"{check.params["column"]}"'
    if check.kind == "not_null":
        nulls = int(con.execute(f"select count(*) from {check.table} where {column} is null").fetchone()[0])
        return total, nulls if nulls > float(check.params.get("max_share", 0)) * total else 0
    if check.kind == "in_set":
        bad = con.execute(f"select count(*) from {check.table} where {column} not in (select unnest(?))",
                          [list(check.items("values"))]).fetchone()  # fmt: skip
        return int(con.execute(f"select count({column}) from {check.table}").fetchone()[0]), int(bad[0])
    raise AssertionError(f"the quick gate does not know {check.kind}")


def day(value: str) -> date:
    return date.fromisoformat(value)
