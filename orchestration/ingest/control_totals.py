"""Certified statewide totals against what a delivery of results sums to.

Belongs here: reading the control totals and the known differences, comparing, the check results.
Does not belong here: the figures (``data_contracts/results/control_totals.csv``), what a table sums to
(``result_sums``), what follows from a failed check (the gate).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract
from orchestration.gates.checks import CheckResult, Severity, Status
from orchestration.ingest.result_sums import VIEWS, Observed, internal_sum_checks, observed_totals

if TYPE_CHECKING:
    import duckdb

EXCEPTIONS = "control_total_exceptions.csv"


@dataclass(frozen=True)
class ControlTotal:
    """A certified statewide count. ``candidate`` and ``source`` are for the reader only."""

    state: str
    election_date: date
    office_code: str
    party_code: str
    candidate: str
    votes: int
    source: str


@dataclass(frozen=True)
class KnownDifference:
    """A source's known, explained difference from the certified count: exactly ``difference`` votes.

    Any other difference is still a failure, so a file that gets better or worse is noticed.
    """

    source: str
    state: str
    election_date: date
    office_code: str
    party_code: str
    difference: int
    reason: str


@dataclass(frozen=True)
class Comparison:
    """One control total beside the delivery; ``known``: the reason of a known difference, or None."""

    total: ControlTotal
    observed: int
    known: str | None

    @property
    def difference(self) -> int:
        """Delivered minus certified votes."""
        return self.observed - self.total.votes

    @property
    def verdict(self) -> str:
        """``exact``, ``short by n`` or ``over by n``."""
        if self.difference == 0:
            return "exact"
        return f"{'short' if self.difference < 0 else 'over'} by {abs(self.difference):,}"


def load_control_totals(path: Path) -> tuple[ControlTotal, ...]:
    """The certified totals of one CSV file; raises ValueError naming file and line."""
    return tuple(
        ControlTotal(
            row["state"],
            date.fromisoformat(row["election_date"]),
            row["office_code"],
            row["party_code"],
            row["candidate"],
            int(row["votes"]),
            row["source"],
        )
        for row in _read(path, ControlTotal)
    )


def load_known_differences(path: Path) -> tuple[KnownDifference, ...]:
    """The known differences of one CSV file (none when there is no such file)."""
    if not path.exists():
        return ()
    return tuple(
        KnownDifference(
            row["source"],
            row["state"],
            date.fromisoformat(row["election_date"]),
            row["office_code"],
            row["party_code"],
            int(row["difference"]),
            row["reason"],
        )
        for row in _read(path, KnownDifference)
    )


def _read(path: Path, shape: type[ControlTotal] | type[KnownDifference]) -> list[dict[str, str]]:
    expected = list(shape.__dataclass_fields__)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != expected:
            raise ValueError(f"{path}, line 1: expected the columns {', '.join(expected)}")
        rows = list(reader)
    key_columns = expected[: expected.index("party_code") + 1]
    keys = [tuple(row[k] for k in key_columns) for row in rows]
    for line, (row, key) in enumerate(zip(rows, keys, strict=True), start=2):
        if any(value is None or value == "" for value in row.values()):
            raise ValueError(f"{path}, line {line}: a field is blank; every fact carries its source or reason")
        if keys.count(key) > 1:
            raise ValueError(f"{path}, line {line}: {', '.join(key)} is given twice")
    return rows


def compare(
    observed: Iterable[Observed], totals: Iterable[ControlTotal], known: Iterable[KnownDifference], source: str
) -> list[Comparison]:
    """Hold each control total of a contest the delivery contains beside what the delivery sums to.

    A contest is contained when any party of it is: a party without rows is short by all its votes.
    """
    sums = {(o.state, o.election_date, o.office_code, o.party_code): o.votes for o in observed}
    contests = {key[:3] for key in sums}
    reasons = {
        (k.state, k.election_date, k.office_code, k.party_code, k.difference): k.reason
        for k in known
        if k.source == source
    }
    comparisons = []
    for total in totals:
        contest = (total.state, total.election_date, total.office_code)
        if contest in contests:
            found = sums.get((*contest, total.party_code), 0)
            reason = reasons.get((*contest, total.party_code, found - total.votes))
            comparisons.append(Comparison(total, found, reason))
    return comparisons


def control_total_checks(
    contract: Contract,
    con: duckdb.DuckDBPyConnection,
    relations: Mapping[str, str],
    election_date: date,
    *,
    totals_path: Path | None = None,
) -> list[CheckResult]:
    """Check results of one delivery: certified totals, then sums within each table.

    ``relations``: table name -> relation holding its accepted rows; tables without one are passed
    over. ``totals_path`` replaces the certified totals (a synthetic world has its own). An exact match
    passes, a known difference is a warning with its reason, anything else fails as an error.
    A contract without control totals has none to check.
    """
    checks: list[CheckResult] = []
    folder = Path(contract.path).parent
    if contract.control_totals is not None:
        totals = load_control_totals(totals_path or folder / contract.control_totals)
        known = load_known_differences(folder / EXCEPTIONS)
        observed: list[tuple[str, Observed]] = []
        for table in contract.tables:
            if table.name in relations and table.name in VIEWS:
                found = observed_totals(con, table.name, relations[table.name], election_date)
                observed += [(table.name, o) for o in found]
        for name in dict.fromkeys(name for name, _ in observed):
            sums = [o for table_name, o in observed if table_name == name]
            checks += [_result(name, c) for c in compare(sums, totals, known, contract.id)]
    for name, relation in relations.items():
        checks += internal_sum_checks(con, name, relation)
    return checks


def _result(table: str, comparison: Comparison) -> CheckResult:
    total = comparison.total
    exact, known = comparison.difference == 0, comparison.known
    severity = Severity.WARN if known else Severity.ERROR
    status = Status.PASS if exact else Status.WARN if known else Status.FAIL
    what = f"{total.state} {total.election_date} {total.office_code} {total.party_code}"
    if exact:
        message = f"{what}: equals the certified total"
    elif known:
        message = f"{what}: {comparison.verdict}, as known: {known}"
    else:
        message = (
            f"{what}: {comparison.verdict} against the certified total; rows are missing, doubled or under "
            "another party. Fetch the file again, or record the difference with its reason in " + EXCEPTIONS
        )
    day = total.election_date.strftime("%Y%m%d")
    return CheckResult(
        check_id=f"{table}.control_total.{total.state.lower()}_{day}_{total.office_code}_{total.party_code.lower()}",
        table=f"accepted.{table}", status=status, severity=severity, evaluated=1, unexpected=int(not exact),
        observed=f"{comparison.observed:,} votes", expected=f"{total.votes:,} votes ({total.source})",
        message=message,
    )  # fmt: skip
