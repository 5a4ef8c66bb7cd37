"""The gate on one delivery: its rows as tables of a small database that the gate opens read-only.

Belongs here: putting before the gate what the checks name, and reading overrides. Does not belong
here: evaluating checks (``gates``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.checks import ACCEPTED, delivery_checks
from orchestration.contracts.model import Contract
from orchestration.contracts.shape import stored_columns
from orchestration.gates.checks import Check, CheckResult
from orchestration.ingest.sql import ident, text
from orchestration.ingest.store import Stored, select_rows

if TYPE_CHECKING:
    import duckdb

Gate = Callable[[Path, Sequence[Check]], list[CheckResult]]
_STAR = re.compile(r"select\s+(\w+\.)?\*|\bcolumns\(", re.IGNORECASE)


def default_gate(database: Path, checks: Sequence[Check]) -> list[CheckResult]:
    """Great Expectations, imported when the first delivery is judged: it takes seconds to load."""
    from orchestration.gates.gx import run_checks

    return run_checks(database, checks)


def judge_delivery(
    con: duckdb.DuckDBPyConnection,
    gate: Gate,
    contract: Contract,
    stored: Stored,
    delivery_id: str,
    day: date,
    work: Path,
    totals: Path | None = None,
) -> list[CheckResult]:
    """Evaluate every check on the tables that the delivery holds.

    ``totals``: control totals that replace the contract's (a synthetic world has its own).
    """
    tables = [t for t in contract.tables if t.name in stored.manifest["tables"]]
    names = {f"{ACCEPTED}.{t.name}" for t in tables}
    checks = [c for c in delivery_checks(contract) if c.table in names]
    database = work / "gate.duckdb"
    database.unlink(missing_ok=True)
    said = " ".join(_words(c) for c in checks)
    words = set(re.findall(r"\w+", said))
    con.execute(f"attach {text(str(database))} as gate")
    try:
        con.execute(f"create schema gate.{ACCEPTED}")
        for table in tables:
            # Only the columns that some check names: the rest would be copied for nothing.
            everything = _STAR.search(said) or any(c.kind == "column_set" for c in checks)
            wanted = [c.name for c in stored_columns(table) if everything or c.name in words]
            wanted += [n for n in ("delivery_id", "snapshot_date", "source_file", "line_number") if n in words]
            select = select_rows(stored, table, delivery_id, day)
            items = ", ".join(ident(n) for n in wanted) or "1 as one"
            con.execute(f"create table gate.{ACCEPTED}.{ident(table.name)} as select {items} from ({select})")
        con.execute("checkpoint gate")
    finally:
        con.execute("detach gate")
    results = gate(database, checks)
    if len(results) != len(checks):
        raise AssertionError(f"{delivery_id}: {len(checks)} checks, {len(results)} results")
    database.unlink()
    return results + _totals(con, contract, stored, delivery_id, day, totals)


def _words(check: Check) -> str:
    return f"{check.kind} {' '.join(str(v) for v in check.params.values())}"


def _totals(
    con: duckdb.DuckDBPyConnection, contract: Contract, stored: Stored, delivery_id: str, day: date, totals: Path | None
) -> list[CheckResult]:
    from orchestration.ingest.control_totals import control_total_checks

    if contract.domain != "results":
        return []
    relations = {
        t.name: f"({select_rows(stored, t, delivery_id, day)})"
        for t in contract.tables
        if t.name in stored.manifest["tables"]
    }
    return control_total_checks(contract, con, relations, day, totals_path=totals)


def as_rows(results: Sequence[CheckResult]) -> list[Mapping[str, Any]]:
    """Check results as the ledger keeps them."""
    return [
        {
            "check_id": r.check_id, "status": str(r.status), "severity": str(r.severity), "evaluated": r.evaluated,
            "unexpected": r.unexpected, "observed": r.observed, "expected": r.expected, "message": r.message,
        }
        for r in results
    ]  # fmt: skip


def from_rows(rows: Sequence[Mapping[str, Any]]) -> list[CheckResult]:
    """Check results out of the ledger."""
    from orchestration.gates.checks import Severity, Status

    return [
        CheckResult(
            check_id=r["check_id"], table=f"{ACCEPTED}.{str(r['check_id']).split('.', 1)[0]}",
            status=Status(r["status"]), severity=Severity(r["severity"]), evaluated=int(r["evaluated"]),
            unexpected=int(r["unexpected"]), observed=r["observed"], expected=r["expected"], message=r["message"],
        )
        for r in rows
    ]  # fmt: skip
