"""What the page of one run says, gathered: verdict, what stands against it, who is affected, what is in use.

Belongs here: gathering, in the order in which somebody woken at five needs it. Does not belong here: how it looks
(`gate.html.j2`), judging (`gates`). Counts, names and causes only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.contracts.model import Contract
from orchestration.gates.checks import Check, CheckResult
from orchestration.gates.record import DbtTest, GateRecord, Override
from orchestration.pages.affected import Descent
from orchestration.pages.charts import sparkline, trend
from orchestration.pages.summary import Summary, is_green
from orchestration.refresh import Report
from orchestration.trouble import Trouble


@dataclass(frozen=True)
class Problem:
    """One check that did not pass. ``share``: of the rows looked at those that broke it, 0 to 1; None: not counted."""

    check: str
    title: str
    table: str
    owner: str
    reason: str
    observed: str
    allowed: str
    previous: str | None
    message: str
    share: float | None
    counted: str
    tables: tuple[str, ...]
    teams: tuple[str, ...]
    spark: str
    commands: tuple[str, ...]
    let_pass_by: str = ""
    let_pass_because: str = ""
    until: str = ""


@dataclass(frozen=True)
class SourceLine:
    """One source in use: its delivery, how old its data is against what its contract allows, and its counts."""

    source: str
    delivery: str
    as_of: str
    age_days: int
    allowed_days: int | None
    held: bool
    note: str
    lines: int | None
    accepted: int | None
    quarantined: int | None

    @property
    def is_late(self) -> bool:
        """Whether it is older than its contract allows, or an older delivery had to stay in use."""
        return self.held or (self.allowed_days is not None and self.age_days > self.allowed_days)


@dataclass(frozen=True)
class View:
    """Everything the page says. Moments are texts in the campaign's time zone."""

    verdict: str
    headline: str
    campaign: str
    release_id: str
    run_id: str
    who: str
    started: str
    finished: str
    data_as_of: str
    serving: str
    serving_since: str
    failed: tuple[Problem, ...]
    waived: tuple[Problem, ...]
    warned: tuple[Problem, ...]
    other_causes: tuple[str, ...]
    remarks: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    by_table: tuple[tuple[str, int, int], ...]
    checks: int
    tests: int
    totals: int
    trend: str
    runs: int
    facts: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Gathered:
    """What a view is made from, read by ``gate_page``. ``before``: the record of the release readers saw before."""

    report: Report
    record: GateRecord | None
    before: GateRecord | None
    troubles: Sequence[Trouble]
    checks: Mapping[str, Check]
    contracts: Mapping[str, Contract]
    descent: Descent
    runs: Sequence[Summary]
    sources: Sequence[Mapping[str, Any]]
    deliveries: Mapping[str, Any]
    campaign: str
    zone: ZoneInfo
    serving: str | None
    serving_since: str | None


def view(given: Gathered) -> View:
    """The page's content."""
    report, record = given.report, given.record
    failed, waived, warned = _problems(given)
    green = is_green(report, record)
    # Publishing may refuse what the gate let pass: a record that is not whole, or not of this code.
    refused_late = record is not None and record.verdict.green and not green
    causes = tuple(report.gate_causes) if record is None or refused_late else ()
    stopped = not (green or failed or causes or report.refused)
    return View(
        verdict="green" if green else "stopped" if stopped else "refused",
        headline=_headline(given, green, stopped, len(failed)),
        campaign=given.campaign,
        release_id=report.release_id or "none: it came to no candidate",
        run_id=report.run_id,
        who=report.who,
        started=_clock(report.started_at, given.zone),
        finished=_clock(report.finished_at, given.zone),
        data_as_of=report.data_as_of or "",
        serving=given.serving or "",
        serving_since=_clock(given.serving_since, given.zone),
        failed=tuple(failed),
        waived=tuple(waived),
        warned=tuple(warned),
        other_causes=causes,
        remarks=(*(f"held back, last good delivery used: {h['cause']}" for h in report.held), *report.remarks),
        sources=_source_lines(given),
        by_table=_by_table(record),
        checks=len(record.results) if record else 0,
        tests=len(record.dbt_tests) if record else 0,
        totals=len(record.reconciliations) if record else 0,
        trend=trend(given.runs, given.zone),
        runs=len(given.runs),
        facts=_facts(record),
        commands=_commands(given, green),
    )


def _headline(given: Gathered, green: bool, stopped: bool, failed: int) -> str:
    if green:
        published = {"published": "Published", "unchanged": "Already current, rebuilt and identical"}
        return published.get(given.report.published or "", "The gate is green")
    if stopped:
        return "Stopped before the gate"
    if given.report.refused:
        count = len(given.report.refused)
        return f"{count} deliver{'y was' if count == 1 else 'ies were'} refused; nothing was built"
    count = failed or len(given.report.gate_causes)
    return f"Refused: {count} check{'' if count == 1 else 's'} failed"


def _problems(given: Gathered) -> tuple[list[Problem], list[Problem], list[Problem]]:
    record = given.record
    if record is None:
        return [_of_trouble(given, t) for t in given.troubles], [], []
    waivable = {r.check_id for r in record.required if r.waivable}
    lifted = {o.check_id: o for o in record.overrides if o.check_id in waivable and o.expires > record.created_at}
    failed: list[Problem] = []
    waived: list[Problem] = []
    warned: list[Problem] = []
    for result in record.results:
        if result.status.value == "warn":
            warned.append(_of_check(given, result))
        elif result.status.value in ("fail", "error"):
            override = lifted.get(result.check_id)
            (failed if override is None else waived).append(_of_check(given, result, override))
    for test in record.dbt_tests:
        if test.status == "warn":
            warned.append(_of_test(given, test))
        elif test.status not in ("pass", "success"):
            failed.append(_of_test(given, test))
    failed += [
        _problem(given, r.name, "reconciliation", r.observed, r.expected, message="the totals differ")
        for r in record.reconciliations
        if not r.agrees
    ]
    return sorted(failed, key=lambda p: -len(p.tables)), waived, warned


def _of_check(given: Gathered, result: CheckResult, override: Override | None = None) -> Problem:
    before = {r.check_id: r.observed for r in given.before.results} if given.before else {}
    table = result.table.rsplit(".", 1)[-1]
    share = result.unexpected / result.evaluated if result.evaluated else None
    run = given.report.run_id[:8]
    commands = [f"winnumber gate --failed {run}"]
    check = given.checks.get(result.check_id)
    if override is None and result.status.value != "warn" and (check is None or check.waivable):
        commands.append(f'winnumber override {result.check_id} --reason "…" --by "…" --hours 24')
    counted = f"{result.unexpected:,} of {result.evaluated:,}" if result.unexpected else ""
    return _problem(
        given, result.check_id, table, result.observed, result.expected, before.get(result.check_id), result.message,
        share, counted, (table,), commands, override,
    )  # fmt: skip


def _of_test(given: Gathered, test: DbtTest) -> Problem:
    before = {t.name: f"{t.failures:,} failing rows" for t in given.before.dbt_tests} if given.before else {}
    models = given.descent.behind_test(test.name)
    return _problem(
        given, test.name, ", ".join(models) or "dbt test", f"{test.failures:,} failing rows", "0 failing rows",
        before.get(test.name), "", None, "", models, [f"winnumber gate {given.report.run_id[:8]}"],
    )  # fmt: skip


def _of_trouble(given: Gathered, trouble: Trouble) -> Problem:
    source = trouble.where.split("/")[0]
    contract = given.contracts.get(source)
    names = [t.name for t in contract.tables] if contract else [trouble.where]
    commands = [f"winnumber deliveries {source}", f"winnumber quarantine {trouble.where}"] if contract else []
    return _problem(
        given, trouble.check, trouble.where, trouble.observed, trouble.allowed, trouble.previous, trouble.message,
        None, "", names, commands or [f"winnumber gate --failed {given.report.run_id[:8]}"],
    )  # fmt: skip


def _problem(
    given: Gathered,
    check_id: str,
    table: str,
    observed: str,
    allowed: str,
    previous: str | None = None,
    message: str = "",
    share: float | None = None,
    counted: str = "",
    names: Sequence[str] = (),
    commands: Sequence[str] = (),
    override: Override | None = None,
) -> Problem:
    check = given.checks.get(check_id)
    tables = given.descent.tables(names or [table])
    counts = [s.unexpected.get(check_id, 0) for s in given.runs]
    return Problem(
        check_id, _title(check_id), table, check.owner if check else "data", check.reason if check else "", observed,
        allowed, previous, message, share, counted, tuple(tables), tuple(given.descent.teams(tables)),
        sparkline(counts) if any(counts) else "", tuple(commands),
        override.by if override else "", override.reason if override else "",
        _clock(override.expires.isoformat(), given.zone) if override else "",
    )  # fmt: skip


def _title(check_id: str) -> str:
    """The rule in words: the last part of an id, without the digits that keep generated names apart."""
    parts = [p for p in check_id.split(".") if p]
    last = parts[-1] if len(parts[-1]) != 10 or not all(c in "0123456789abcdef" for c in parts[-1]) else parts[-2]
    return last.replace("__", ": ").replace("_", " ")


def _source_lines(given: Gathered) -> tuple[SourceLine, ...]:
    day = date.fromisoformat(given.report.data_as_of) if given.report.data_as_of else None
    lines = []
    for said in given.sources:
        as_of = date.fromisoformat(str(said["data_as_of"]))
        contract, row = given.contracts.get(str(said["source"])), given.deliveries.get(str(said["delivery_id"]))
        allowed = contract.fresh_within_days if contract else None
        counts = (row.lines_received, row.rows_accepted, row.rows_quarantined) if row else (None, None, None)
        age = (day - as_of).days if day else 0
        lines.append(
            SourceLine(
                str(said["source"]), str(said["delivery_id"]), as_of.isoformat(), age, allowed, bool(said["held"]),
                str(said["note"]), *counts,
            )
        )  # fmt: skip
    return tuple(sorted(lines, key=lambda s: (not s.is_late, -s.age_days if s.is_late else 0, s.source)))


def _by_table(record: GateRecord | None) -> tuple[tuple[str, int, int], ...]:
    """Table, checks on it, how many of them passed."""
    if record is None:
        return ()
    total = Counter(r.table.rsplit(".", 1)[-1] for r in record.results)
    passed = Counter(r.table.rsplit(".", 1)[-1] for r in record.results if r.status.value == "pass")
    return tuple(sorted((t, n, passed[t]) for t, n in total.items()))


def _facts(record: GateRecord | None) -> tuple[tuple[str, str], ...]:
    if record is None:
        return ()
    return (
        ("suite", record.suite_hash[:16]), ("code", record.code_hash[:16]), ("settings", record.config_hash[:16]),
        ("DuckDB", record.duckdb_version), ("files bound", str(len(record.files))),
    )  # fmt: skip


def _commands(given: Gathered, green: bool) -> tuple[tuple[str, str], ...]:
    """What to type next, most likely first: what it is for, and the words."""
    if green:
        chosen = [("every check, observed against allowed", f"winnumber gate {given.report.release_id}")]
        if given.before is not None and given.before.release_id != given.report.release_id:
            was = given.before.release_id
            chosen.append(("what changed since the release before", f"winnumber diff {was} {given.report.release_id}"))
            chosen.append(("send readers back to the release before", 'winnumber rollback --reason "…"'))
        return tuple(chosen)
    return (
        ("what readers see, and why the last refresh stopped", "winnumber status"),
        ("only what did not pass", f"winnumber gate --failed {given.report.run_id[:8]}"),
        ("after it is mended: try again", "winnumber refresh"),
    )


def _clock(text: str | None, zone: ZoneInfo) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return f"{at.astimezone(zone):%a %d %b %Y, %H:%M}" if at.tzinfo else text


def template_folder() -> Path:
    """Where the page's template lies."""
    return Path(__file__).parent
