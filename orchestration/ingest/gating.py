"""The gate on one delivery: its accepted rows, as they lie on disk, before the checks of its contract.

Belongs here: which checks are asked of which files. Does not belong here: evaluating them (``gates``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.checks import ACCEPTED, delivery_checks
from orchestration.contracts.model import Contract
from orchestration.gates.checks import Check, CheckResult
from orchestration.ingest.store import Stored, select_rows

if TYPE_CHECKING:
    import duckdb

# From 'schema.table' -> Parquet file and the checks to a result for each of them.
Gate = Callable[[Mapping[str, Path], Sequence[Check]], list[CheckResult]]


def default_gate(files: Mapping[str, Path], checks: Sequence[Check]) -> list[CheckResult]:
    """Great Expectations, imported when the first delivery is judged: it takes seconds to load."""
    from orchestration.gates.gx import run_checks_on_parquet

    return run_checks_on_parquet(files, checks)


def judge_delivery(
    con: duckdb.DuckDBPyConnection,
    gate: Gate,
    contract: Contract,
    stored: Stored,
    day: date,
    totals: Path | None = None,
) -> list[CheckResult]:
    """Evaluate every check on the tables that the delivery holds.

    ``totals``: control totals that replace the contract's (a synthetic world has its own).
    """
    files = {f"{ACCEPTED}.{t.name}": stored.path(t.name) for t in contract.tables if t.name in stored.paths}
    checks = [c for c in delivery_checks(contract) if c.table in files]
    results = gate(files, checks)
    if [r.check_id for r in results] != [c.check_id for c in checks]:
        raise AssertionError(f"{contract.id}: {len(checks)} checks, {len(results)} results")
    return results + _totals(con, contract, stored, day, totals)


def _totals(
    con: duckdb.DuckDBPyConnection, contract: Contract, stored: Stored, day: date, totals: Path | None
) -> list[CheckResult]:
    from orchestration.ingest.control_totals import control_total_checks

    if contract.domain != "results":
        return []
    relations = {t.name: f"({select_rows(stored, t)})" for t in contract.tables if t.name in stored.manifest["tables"]}
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
