"""What stands against a run, one entry per failed check: what was observed, what is allowed, what it was before.

Belongs here: reading it from the run's report, gate record and ledger. Does not belong here: how it is told (`alerts`,
`pages`), and any judgement. Names, counts and causes only: never a value from a person's record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.refresh import Report, failed_dbt_tests
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.gates.record import GateRecord
    from orchestration.ingest.ledger import Ledger


@dataclass(frozen=True)
class Trouble:
    """One thing that stands against a run.

    ``check``: check id, dbt test or kind of refusal. ``where``: table or delivery. ``previous``: what the same check
    showed in what readers see now (or in the delivery in use), None when it was not looked at.
    """

    check: str
    where: str
    observed: str
    allowed: str
    previous: str | None
    message: str

    def __str__(self) -> str:
        before = "not looked at before" if self.previous is None else f"before: {self.previous}"
        figures = f"observed {self.observed or 'nothing'}, allowed {self.allowed or 'nothing of it'}, {before}"
        return f"{self.where}: {self.check}: {figures}" + (f". {self.message}" if self.message else "")


def troubles(settings: Settings, run_id: str) -> list[Trouble]:
    """Everything that stands against run ``run_id``; empty when it is not known or nothing does."""
    from orchestration.gates.record_file import trusted

    folder = settings.paths.build / run_id
    report = Report.read(folder)
    found: list[Trouble] = []
    if report is not None and report.refused:
        found += _refused(settings, report)
    record = trusted(folder / "candidate" / "gate.json", settings.paths.home)
    before = trusted(settings.paths.current / "gate.json", settings.paths.home)
    if record is not None:
        found += _failed_checks(record, before)
    elif tests := failed_dbt_tests(folder):
        known = {} if before is None else {t.name: _rows(t.failures) for t in before.dbt_tests}
        found += [_test(str(t["name"]), int(t["failures"]), known) for t in tests]
    return found


def _failed_checks(record: GateRecord, before: GateRecord | None) -> Iterator[Trouble]:
    # An override that was in force lets a check pass; it is named among what was waived.
    lifted = {o.check_id for o in record.overrides if o.expires > record.created_at}
    can_be = {r.check_id for r in record.required if r.waivable}
    known = {} if before is None else {r.check_id: r.observed for r in before.results}
    for result in record.results:
        if result.status.value in ("fail", "error") and result.check_id not in lifted & can_be:
            yield Trouble(
                result.check_id, result.table.removeprefix("main."), result.observed, result.expected,
                known.get(result.check_id), result.message,
            )  # fmt: skip
    tests = {} if before is None else {t.name: _rows(t.failures) for t in before.dbt_tests}
    for test in record.dbt_tests:
        if test.status not in ("pass", "success", "warn"):
            yield _test(test.name, test.failures, tests)
    for total in record.reconciliations:
        if not total.agrees:
            yield Trouble(total.name, "reconciliation", total.observed, total.expected, None, "the totals differ")


def _test(name: str, failures: int, known: Mapping[str, str]) -> Trouble:
    return Trouble(name, "dbt test", _rows(failures), _rows(0), known.get(name), "")


def _rows(count: int) -> str:
    return f"{count:,} failing rows"


def _refused(settings: Settings, report: Report) -> Iterator[Trouble]:
    from orchestration.ingest.ledger import Ledger

    path = settings.paths.home / "ledger.sqlite"
    if not path.exists():
        yield from (Trouble("delivery refused", r["delivery"], "", "", None, r["cause"]) for r in report.refused)
        return
    with Ledger(path) as ledger:
        for refusal in report.refused:
            delivery, source = refusal["delivery"], refusal["source"]
            failed = [r for r in ledger.check_results(delivery) if r["status"] in ("fail", "error")]
            known = _in_use(ledger, source)
            for row in failed:
                yield Trouble(
                    row["check_id"], delivery, row["observed"] or "", row["expected"] or "",
                    known.get(row["check_id"]), row["message"] or "",
                )  # fmt: skip
            if not failed:
                row_of = ledger.delivery(delivery)
                code = row_of.cause_code if row_of else None
                yield Trouble(
                    (code or "refused").replace("_", " "), delivery, "a delivery that cannot be used",
                    "a delivery as its contract has it", known.get("", None), refusal["cause"],
                )  # fmt: skip


def _in_use(ledger: Ledger, source: str) -> dict[str, str]:
    """What each check showed in the newest delivery in use; under an empty name, which one that is."""
    accepted = ledger.accepted(source)
    if not accepted:
        return {}
    newest = accepted[-1]
    shown = {r["check_id"]: r["observed"] or "" for r in ledger.check_results(newest.id)}
    return {"": f"{newest.id} in use with {newest.rows_accepted or 0:,} rows", **shown}
