"""The decision on one delivery: parse it, look at its content, put it before the gate.

Belongs here: the steps from archived members to accepted or refused, each entered in the ledger.
Does not belong here: finding deliveries (``run``, ``receive``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Kind, Table
from orchestration.contracts.shape import has_versions
from orchestration.faults import fault_point
from orchestration.gates.checks import CheckResult
from orchestration.gates.checks import Status as CheckStatus
from orchestration.ingest import again, content
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.gating import Gate, as_rows, judge_delivery
from orchestration.ingest.ledger import Ledger, Override, Status
from orchestration.ingest.members import Member, ParsedTable
from orchestration.ingest.parse import read_members
from orchestration.ingest.receive import Received, make_readable
from orchestration.ingest.rules import apply_rules, refuse_quarantine, write_quarantine
from orchestration.ingest.small import is_small, read_small
from orchestration.ingest.store import Stored, folder_of, parse_key, read_stored, write_manifest
from orchestration.ingest.unpivot import unpivot_to
from orchestration.progress import timed
from orchestration.publish.files import put_folder

if TYPE_CHECKING:
    import duckdb

# Refusals that a named operator may lift for one delivery. The others mean that its bytes cannot be
# read as what they are said to be; no permission makes them readable.
OVERRIDABLE = frozenset(
    {
        "stale_resend", "missing_part", "too_many_malformed", "too_many_quarantined", "old_content", "newer_content",
        "stale_content", "no_content_date", "rows_fell", "rows_rose", "keys_lost", "group_vanished", "columns_changed",
        "future_day", "gate",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What every step works with. ``key``: identity of parser, contract and checks."""

    home: Path
    work: Path
    contract: Contract
    ledger: Ledger
    con: duckdb.DuckDBPyConnection
    gate: Gate
    clock: Callable[[], str]
    key: str
    totals: Path | None

    def clear(self) -> None:
        """Drop the copies made for the delivery before."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True, mode=0o700)


def enter(bench: Bench, received: Received) -> None:
    """Put a delivery into the ledger."""
    members: list[tuple[str, str, str, str, int, int | None]] = [
        (m.inner or m.name, m.received, m.sha256, m.object_sha256, m.size, m.facts.lines)
        for m in received.all_members()
    ]
    # A file in which no member was found (damaged, unexpected, left out by the contract) has landed all the same.
    opened = {m.received for m in received.all_members()}
    others: list[tuple[str, str, str, str, int, int | None]] = [
        (name, name, sha, sha, size, None) for name, sha, size in received.files if name not in opened
    ]
    at = bench.clock()
    counts = {"files": len(members) + len(others), "bytes": sum(f[4] for f in [*members, *others])}
    with bench.ledger.together():
        bench.ledger.receive(
            received.delivery_id, received.source, received.snapshot_date, received.content_sha256,
            [*members, *others], at,
        )  # fmt: skip
        bench.ledger.step(received.delivery_id, "received", at, counts)


def refuse(bench: Bench, received: Received, refusal: DeliveryRefused) -> None:
    """Put a refusal on record; what was in use stays in use."""
    refusal.source = refusal.source or bench.contract.id
    at = bench.clock()
    with bench.ledger.together():
        bench.ledger.step(received.delivery_id, "refused", at, cause=str(refusal))
        bench.ledger.update(
            received.delivery_id, status=Status.REFUSED, cause_code=refusal.reason_code, cause=str(refusal),
            decided_at=at, parser_version=bench.key, contract_version=bench.contract.version,
            contract_hash=bench.contract.hash,
        )  # fmt: skip


def judge(bench: Bench, received: Received, override: Override | None) -> None:
    """Accept a delivery or raise ``DeliveryRefused``."""
    if received.refusal is not None:
        _unless(bench, received, override, lambda: _raise(received.refusal))
    _unless(bench, received, override, lambda: content.check_day(received.snapshot_date, bench.clock()))
    _unless(bench, received, override, lambda: again.refuse_resend(bench, received))
    stored = read_stored(bench.home, received.delivery_id, parse_key(bench.contract))
    if stored is None:
        stored = _parse(bench, received, override)
    _check_content(bench, received, stored, override)
    lifted = _gate(bench, received, stored, override)
    at = bench.clock()
    used = override if override is not None else lifted
    fault_point("accept.decide")
    # One transaction: opt-outs are read from every delivery with a step "accepted", so none may be in use without it.
    with bench.ledger.together():
        superseded = bench.ledger.accept(received.delivery_id, at, used.id if used is not None else None)
        bench.ledger.update(
            received.delivery_id, parser_version=bench.key, contract_version=bench.contract.version,
            contract_hash=bench.contract.hash,
        )  # fmt: skip
        bench.ledger.step(received.delivery_id, "accepted", at, {"superseded": len(superseded)})
        again.demote_later(bench, received)


def _unless(bench: Bench, received: Received, override: Override | None, check: Callable[[], None]) -> None:
    """Run a check; a refusal that an override lifts is put on record and passed over."""
    try:
        check()
    except DeliveryRefused as refusal:
        if override is None or refusal.reason_code not in OVERRIDABLE:
            raise
        bench.ledger.step(
            received.delivery_id, "overridden", bench.clock(),
            cause=f"{refusal} lifted by {override.by_whom} until {override.expires_at}: {override.reason}",
        )  # fmt: skip


def _raise(refusal: DeliveryRefused | None) -> None:
    if refusal is not None:
        raise refusal


def _parse(bench: Bench, received: Received, override: Override | None) -> Stored:
    contract, con = bench.contract, bench.con
    final = folder_of(bench.home, "accepted", received.delivery_id)
    folder = final.with_name(f".{final.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fault_point("parse.started")
    started = perf_counter()
    parsed: list[ParsedTable] = []
    derived: dict[str, tuple[Path, int]] = {}
    share = 1.0 if override is not None else contract.max_quarantined_share
    with timed(f"{contract.id} {received.snapshot_date}: parse") as step:
        make_readable(bench.home, received.all_members(), bench.work)
        for table in contract.tables:
            members = received.members.get(table.name)
            if members:
                parsed.append(_parse_table(bench, table, members, received, folder, share))
        for table in contract.tables:
            for rule in table.unpivots:
                source = next((p for p in parsed if p.table == table.name), None)
                if source is not None:
                    target = folder / f"{rule.table}.parquet"
                    derived[rule.table] = (target, unpivot_to(con, source.as_json(), source.path, rule, target))
        step.rows = sum(p.lines for p in parsed)
    lines, accepted = sum(p.lines for p in parsed), sum(p.accepted_lines for p in parsed)
    quarantined = sum(len(p.quarantined) for p in parsed)
    if lines != accepted + quarantined:
        raise AssertionError(f"{received.delivery_id}: {lines} lines, {accepted} + {quarantined} accounted for")
    fault_point("parse.written")
    _write_quarantine(bench, received, parsed)
    with bench.ledger.together():
        bench.ledger.update(
            received.delivery_id, status=Status.PARSED, lines_received=lines, rows_accepted=accepted,
            rows_quarantined=quarantined,
        )  # fmt: skip
        bench.ledger.step(
            received.delivery_id, "parsed", bench.clock(),
            {"lines": lines, "accepted": accepted, "quarantined": quarantined, **{p.table: p.rows for p in parsed},
             **{name: rows for name, (_, rows) in derived.items()}},
            seconds=perf_counter() - started,
        )  # fmt: skip
    _unless(bench, received, override, lambda: refuse_quarantine(contract, parsed))
    write_manifest(folder, parse_key(contract), parsed, derived)
    fault_point("manifest.written")
    put_folder(folder, final)
    fault_point("accept.named")
    stored = read_stored(bench.home, received.delivery_id)
    assert stored is not None  # noqa: S101  (written above)
    return stored


def _parse_table(
    bench: Bench, table: Table, members: list[Member], received: Received, folder: Path, share: float
) -> ParsedTable:
    target = folder / f"{table.name}.parquet"
    delivery = (received.delivery_id, received.snapshot_date)
    if is_small(bench.contract, table):
        parsed = read_small(table, members, delivery, target)
    else:
        parsed = read_members(bench.con, table, members, delivery, target, bench.work, share)
    apply_rules(bench.con, table, parsed, members, unique_key=has_versions(bench.contract, table))
    return parsed


def _write_quarantine(bench: Bench, received: Received, parsed: list[ParsedTable]) -> None:
    folder = folder_of(bench.home, "quarantine", received.delivery_id)
    shutil.rmtree(folder, ignore_errors=True)
    for table in parsed:
        if table.quarantined:
            write_quarantine(table.quarantined, folder / f"{table.table}.parquet")


def _check_content(bench: Bench, received: Received, stored: Stored, override: Override | None) -> None:
    contract, con, day = bench.contract, bench.con, received.snapshot_date
    content.check_rows(contract, stored.manifest["tables"])
    content.check_state(con, contract, stored.paths)
    before = _before(bench, received)
    newest = None

    def look() -> None:
        nonlocal newest
        newest = content.newest_date(con, contract, stored.paths, day)

    _unless(bench, received, override, look)
    if newest is not None:
        bench.ledger.update(received.delivery_id, newest_content_date=newest)
    first = contract.tables[0]
    _unless(bench, received, override, lambda: content.check_order(contract, day, newest, before))
    if before is None:
        # Nothing to compare with; and an export may leave out the first table (one of two ways to save it).
        return
    rows, path = stored.rows(first.name), stored.path(first.name)
    _unless(bench, received, override, lambda: content.check_fall(contract, rows, before))
    _unless(bench, received, override, lambda: content.check_rise(contract, rows, before))
    _unless(bench, received, override, lambda: content.check_keys(con, contract, first, path, before))
    _unless(bench, received, override, lambda: content.check_groups(con, contract, first, path, before))
    _unless(bench, received, override, lambda: content.check_drift(con, contract, first, path, before))


def _before(bench: Bench, received: Received) -> content.Before | None:
    if bench.contract.kind is Kind.ACCUMULATE:
        return None
    first = bench.contract.tables[0].name
    older = [r for r in bench.ledger.accepted(received.source) if r.snapshot_date < received.snapshot_date]
    for row in reversed(older):
        stored = read_stored(bench.home, row.id)
        if stored is not None:
            return content.Before(row.snapshot_date, row.newest_content_date, stored.rows(first), stored.path(first))
    return None


def _gate(bench: Bench, received: Received, stored: Stored, override: Override | None) -> Override | None:
    """Put the rows before the gate; returns an override that lifted a failed check."""
    started = perf_counter()
    with timed(f"{bench.contract.id} {received.snapshot_date}: gate") as step:
        results = judge_delivery(bench.con, bench.gate, bench.contract, stored, received.snapshot_date, bench.totals)
        step.note = f"{len(results)} checks"
    bench.ledger.record_checks(received.delivery_id, as_rows(results))
    failed = [r for r in results if r.status in (CheckStatus.FAIL, CheckStatus.ERROR)]
    at = bench.clock()
    bench.ledger.step(
        received.delivery_id, "gated", at,
        {"checks": len(results), "failed": len(failed),
         "warned": sum(r.status is CheckStatus.WARN for r in results)},
        seconds=perf_counter() - started,
    )  # fmt: skip
    lifted = None
    standing: list[CheckResult] = []
    for result in failed:
        waiver = bench.ledger.override_for(result.check_id, at)
        if waiver is None:
            standing.append(result)
        else:
            lifted = waiver
            bench.ledger.step(
                received.delivery_id, "overridden", at,
                cause=f"{result.check_id} lifted by {waiver.by_whom} until {waiver.expires_at}: {waiver.reason}",
            )  # fmt: skip
    if standing:
        said = "; ".join(f"{r.check_id}: {r.message}" for r in standing[:5])
        more = f" and {len(standing) - 5} more" if len(standing) > 5 else ""
        _unless(bench, received, override, lambda: _raise(DeliveryRefused(
            "gate", f"{len(standing)} of {len(results)} checks failed: {said}{more}",
            advice="Ask the sender, correct the contract, or override with a reason and an expiry",
        )))  # fmt: skip
    return lifted
