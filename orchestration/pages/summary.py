"""What is remembered of every run's gate for the trend: counts, and the figures of the checks that did not pass.

Belongs here: making, keeping and reading these small files, which outlive releases and builds. Does not belong here:
how a trend is drawn (`charts`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.gates.record import GateRecord
from orchestration.publish.files import pretty_json, write_atomically
from orchestration.refresh import Report

FOLDER = "reports"
SHOWN = 14
KEPT = 60  # about two months of daily runs; a page is some 100 kB


@dataclass(frozen=True)
class Summary:
    """One run in figures. ``outcome``: published, unchanged, refused, stopped. ``unexpected``: by check id, if any.

    ``failed``: checks and totals; ``tests_failed``: dbt tests; ``warned``: checks and dbt tests.
    """

    page: str
    run_id: str
    release_id: str
    at: str
    outcome: str
    checks: int = 0
    failed: int = 0
    waived: int = 0
    warned: int = 0
    tests: int = 0
    tests_failed: int = 0
    unexpected: dict[str, int] = field(default_factory=dict)

    @property
    def is_green(self) -> bool:
        """Whether readers got it."""
        return self.outcome in ("published", "unchanged")

    def started(self, zone: ZoneInfo) -> datetime:
        """When it started, on the clocks of a time zone."""
        return datetime.fromisoformat(self.at).astimezone(zone)


def page_name(run_id: str) -> str:
    """The page of a run. It is written before it is known what becomes of the run, and keeps its name."""
    return f"run-{run_id[:8]}"


def is_green(report: Report, record: GateRecord | None) -> bool:
    """Whether the gate let a run pass, and publishing did not refuse it all the same."""
    return record is not None and record.verdict.green and report.gate != "refused"


def summarise(report: Report, record: GateRecord | None) -> Summary:
    """A run in figures."""
    outcome = report.published or ("refused" if report.refused or report.gate_causes else "stopped")
    if is_green(report, record) and not report.published:
        outcome = "green"
    page, at = page_name(report.run_id), report.started_at
    if record is None:
        return Summary(page, report.run_id, report.release_id or "", at, outcome)
    bad = [r for r in record.results if r.status.value in ("fail", "error")]
    verdict = record.verdict
    warned = [*(r.status for r in record.results), *(t.status for t in record.dbt_tests)].count("warn")
    differing = [r for r in record.reconciliations if not r.agrees]
    return Summary(
        page, report.run_id, record.release_id, at, outcome, len(record.results),
        len(bad) - len(verdict.waived) + len(differing), len(verdict.waived), warned, len(record.dbt_tests),
        sum(t.status in ("fail", "error") for t in record.dbt_tests),
        {r.check_id: r.unexpected for r in record.results if r.unexpected}
        | {t.name: t.failures for t in record.dbt_tests if t.failures},
    )  # fmt: skip


def keep(home: Path, made: Summary) -> None:
    """Write a run's figures beside its page, and drop the oldest beyond ``KEPT`` with theirs."""
    folder = home / FOLDER
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_atomically(folder / f"{made.page}.json", pretty_json(asdict(made)))
    runs = kept(home)
    still = {s.release_id for s in runs[-KEPT:]}
    for old in runs[:-KEPT]:
        names = [old.page, *([old.release_id] if old.is_green and old.release_id not in still else [])]
        for path in [folder / f"{name}{suffix}" for name in names for suffix in (".json", ".html")]:
            path.unlink(missing_ok=True)


def kept(home: Path) -> list[Summary]:
    """Every run that is remembered, oldest first; a file that cannot be read is passed over."""
    found = []
    for path in (home / FOLDER).glob("*.json"):
        try:
            found.append(Summary(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return sorted(found, key=lambda s: (s.at, s.page))


def last(home: Path, until: Summary, count: int = SHOWN) -> Sequence[Summary]:
    """The last runs up to and with ``until``, oldest first."""
    before = [s for s in kept(home) if (s.at, s.page) < (until.at, until.page) and s.page != until.page]
    return [*before, until][-count:]
