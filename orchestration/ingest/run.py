"""One source from its landing folder to accepted rows: the order of the steps and the ledger entries.

Belongs here: receive, parse, gate, accept or refuse, keep history; and what each delivery came to.
Does not belong here: how a step does its work (the modules beside this one).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract, Kind
from orchestration.gates.checks import CheckResult, suite_hash
from orchestration.gates.checks import Status as CheckStatus
from orchestration.ingest import again, history, judging
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.gating import Gate, default_gate, from_rows
from orchestration.ingest.judging import Bench
from orchestration.ingest.landing import Remark, Remarked, landed
from orchestration.ingest.ledger import DeliveryRow, Ledger, Override, Status
from orchestration.ingest.receive import Received, receive, reopen
from orchestration.ingest.recognise import hint
from orchestration.ingest.sql import connect
from orchestration.ingest.store import parse_key, read_stored
from orchestration.ingest.views import accepted_views, deliveries_in_use, open_accepted, usable_deliveries
from orchestration.progress import timed

__all__ = ["DeliveryOutcome", "accepted_views", "deliveries_in_use", "ingest_source", "open_accepted"]

# Refusals behind which a file of another source may stand.
_MISTAKEN_IDENTITY = frozenset(
    {"unexpected_file", "not_this_file", "wrong_state", "missing_part", "too_many_malformed", "undeclared_column"}
)
_COMPARED = frozenset(
    {"stale_resend", "stale_content", "rows_fell", "rows_rose", "keys_lost", "group_vanished", "columns_changed"}
)
# Refusals of files whose bytes cannot be had: there is nothing to enter into the ledger yet.
_NO_BYTES = {"growing": "waiting", "unreadable_file": "refused"}
_SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@dataclass(frozen=True)
class DeliveryOutcome:
    """What became of one delivery. ``seconds`` is 0 when nothing had to be done for it.

    ``status``: accepted, refused, superseded (a refused or older one that a newer accepted delivery has
    made irrelevant), duplicate (a snapshot sent again unchanged: the first one stays in use with its own
    date, so that it ages), waiting (an upload under way, taken when it is whole) or passed_over (no file that was
    delivered: a link, a pipe, a hidden file). ``lines`` = ``accepted`` + ``quarantined`` once it was parsed.
    """

    delivery_id: str
    source: str
    snapshot_date: date | None
    status: str
    lines: int = 0
    accepted: int = 0
    quarantined: int = 0
    cause: str | None = None
    checks: list[CheckResult] = field(default_factory=list)
    tables: dict[str, Path] = field(default_factory=dict)
    seconds: float = 0.0


def ingest_source(
    home: Path,
    contract: Contract,
    gate: Gate | None = None,
    clock: Callable[[], str] | None = None,
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
    settle: float = 0.0,
    control_totals: Path | None = None,
) -> list[DeliveryOutcome]:
    """Take in everything that has landed for one source, oldest first; one outcome per delivery.

    ``gate`` evaluates checks on a DuckDB file (default: Great Expectations). ``clock`` gives ISO times in UTC.
    ``settle``: seconds a file must rest before it is taken. ``control_totals`` replaces the certified
    totals; by default ``control_totals.csv`` in ``home``, where a synthetic world puts its own.
    A delivery that was decided before under the same contract costs no parsing.
    """
    home = home.resolve()
    clock = clock or _now
    own = home / "control_totals.csv"
    totals = control_totals or (own if own.exists() else None)
    work = home / "build" / "ingest" / contract.id
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    # Whole voter files lie in here: no one but the owner may look.
    (home / "archive").mkdir(mode=0o700, exist_ok=True)
    _sweep(home / "archive", contract)
    key = _decision_key(contract)
    also = [p for p in (_SEEDS, totals.parent if totals else _SEEDS) if p.is_dir()]
    con = connect(home, work, threads=threads, memory_limit=memory_limit, also=also)
    try:
        with Ledger(home / "ledger.sqlite") as ledger:
            bench = Bench(home, work, contract, ledger, con, gate or default_gate, clock, key, totals)
            return _ingest(bench, settle)
    finally:
        con.close()
        shutil.rmtree(work, ignore_errors=True)


def _sweep(archive: Path, contract: Contract) -> None:
    """Remove what an interrupted taking-in left without a name. Safe: one refresh or export takes in at a time."""
    for leftover in [*(archive / "objects").glob(".*.part"), *(archive / "accepted" / contract.id).glob(".*")]:
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def _decision_key(contract: Contract) -> str:
    """Identity of everything that decides on a delivery: a decision under another key is made anew."""
    said = repr(
        (
            parse_key(contract), suite_hash(delivery_checks(contract)), contract.expected_parts, contract.as_of,
            contract.state_column, contract.max_quarantined_share, contract.max_fall_share,
            contract.max_column_change_share, contract.control_totals,
        )
    )  # fmt: skip
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _ingest(bench: Bench, settle: float) -> list[DeliveryOutcome]:
    contract = bench.contract
    ready, remarks = landed(bench.home / "landing", contract.id, settle)
    outcomes = [_remarked(contract, remark) for remark in remarks]
    seen: set[str] = set()
    for delivery in ready:
        bench.clear()
        started = perf_counter()
        try:
            with timed(f"{contract.id} {delivery.snapshot_date}: receive") as step:
                received = receive(bench.home, bench.ledger, contract, delivery, bench.work)
                step.note = f"{len(delivery.files)} file(s)"
        except DeliveryRefused as refusal:
            outcomes.append(_without_bytes(contract, delivery.snapshot_date, refusal))
            continue
        seen.add(received.delivery_id)
        outcomes.append(_settle(bench, received, started, delivery.files))
    for row in _stale(bench, seen):
        bench.clear()
        started = perf_counter()
        received = reopen(bench.home, bench.ledger, contract, row.id, row.snapshot_date, bench.work)
        received.content_sha256 = row.content_sha256
        outcomes.append(_settle(bench, received, started))
    if contract.kind is Kind.VOTERS:
        _keep_history(bench)
    return [_overtaken(bench, outcome) for outcome in outcomes]


def _settle(bench: Bench, received: Received, started: float, files: tuple[Path, ...] = ()) -> DeliveryOutcome:
    """Decide on one delivery, unless that was done before under the same contract."""
    known = bench.ledger.delivery(received.delivery_id)
    override = bench.ledger.override_for(received.delivery_id, bench.clock())
    if known is not None and _still_holds(bench, known, override):
        return outcome_of(bench.home, bench.ledger, known)
    judging.enter(bench, received)
    if again.is_duplicate(bench, received):
        row = bench.ledger.delivery(received.delivery_id)
        assert row is not None  # noqa: S101  (entered above)
        return outcome_of(bench.home, bench.ledger, row, perf_counter() - started)
    try:
        judging.judge(bench, received, override)
    except DeliveryRefused as refusal:
        if refusal.reason_code in _MISTAKEN_IDENTITY:
            guess = hint(files, bench.contract.id, load_contracts())
            refusal.advice = f"{guess}: move it there" if guess else refusal.advice
        judging.refuse(bench, received, refusal)
    row = bench.ledger.delivery(received.delivery_id)
    assert row is not None  # noqa: S101  (entered above)
    return outcome_of(bench.home, bench.ledger, row, perf_counter() - started)


def outcome_of(home: Path, ledger: Ledger, row: DeliveryRow, seconds: float = 0.0) -> DeliveryOutcome:
    """The outcome of a delivery as the ledger has it."""
    stored = read_stored(home, row.id)
    return DeliveryOutcome(
        delivery_id=row.id,
        source=row.source,
        snapshot_date=row.snapshot_date,
        status=str(row.status),
        lines=row.lines_received or 0,
        accepted=row.rows_accepted or 0,
        quarantined=row.rows_quarantined or 0,
        cause=row.cause,
        checks=from_rows(ledger.check_results(row.id)),
        tables=stored.paths if stored is not None and row.status is Status.ACCEPTED else {},
        seconds=seconds,
    )


def _still_holds(bench: Bench, known: DeliveryRow, override: Override | None) -> bool:
    """Whether an earlier decision stands: same contract, same surroundings, nothing lost, no new override."""
    if known.parser_version != bench.key or known.status in (Status.RECEIVED, Status.PARSED):
        return False
    if known.status is Status.DUPLICATE:
        return again.first_of(bench, known) is not None
    if known.status is Status.ACCEPTED:
        return read_stored(bench.home, known.id, parse_key(bench.contract)) is not None
    if known.status is not Status.REFUSED:
        return True
    decided = known.decided_at or ""
    # Measured against another delivery, which may have been corrected since.
    compared = known.cause_code in _COMPARED
    if compared and any((row.decided_at or "") > decided for row in bench.ledger.accepted(bench.contract.id)):
        return False
    overridden = override is not None and decided < override.created_at
    return not overridden and not _check_overridden(bench, known)


def _check_overridden(bench: Bench, row: DeliveryRow) -> bool:
    """Whether an override for one of its failed checks came after the delivery was refused."""
    bad = (CheckStatus.FAIL, CheckStatus.ERROR)
    failed = {r["check_id"] for r in bench.ledger.check_results(row.id) if r["status"] in bad}
    return any(
        o.target in failed and o.created_at > (row.decided_at or "") for o in bench.ledger.overrides(bench.clock())
    )


def _stale(bench: Bench, seen: set[str]) -> list[DeliveryRow]:
    """Deliveries no longer in landing that must be looked at again.

    Accepted ones, decided under an older contract or bereft of their rows; and those whose decision was interrupted:
    what was in use before its rows were read anew must not drop out of use because that was not finished.
    """
    accepted = bench.ledger.accepted(bench.contract.id)
    needed = accepted[-1:] if bench.contract.kind is Kind.SNAPSHOT else accepted
    undecided = [
        row
        for status in (Status.RECEIVED, Status.PARSED)
        for row in reversed(bench.ledger.deliveries(bench.contract.id, status))
        if bench.ledger.files(row.id)
    ]
    return [row for row in [*needed, *undecided] if row.id not in seen and not _still_holds(bench, row, None)]


def _keep_history(bench: Bench) -> None:
    usable = usable_deliveries(bench.home, bench.ledger, bench.contract)
    snapshots = [history.Snapshot(row.id, row.snapshot_date, stored) for row, stored in usable]
    missing = [link for link in history.chain(bench.home, bench.contract, snapshots) if not link.is_done]
    if missing:
        with timed(f"{bench.contract.id}: voter history") as step:
            history.update(bench.con, bench.home, bench.contract, snapshots)
            step.note = f"{len(missing)} snapshot(s)"


def _overtaken(bench: Bench, outcome: DeliveryOutcome) -> DeliveryOutcome:
    """A refused delivery no longer stands in the way once a newer one of its source was accepted.

    Of its own day only one that came after it: a correction that was refused is not answered by what it was to
    correct.
    """
    day = outcome.snapshot_date
    known = bench.ledger.delivery(outcome.delivery_id)
    if outcome.status != Status.REFUSED or day is None or known is None:
        return outcome
    only_same_day = bench.contract.kind is Kind.ACCUMULATE
    better = [
        row.id
        for row in bench.ledger.accepted(bench.contract.id)
        if (row.snapshot_date == day and row.received_at > known.received_at)
        or (row.snapshot_date > day and not only_same_day)
    ]
    if not better:
        return outcome
    cause = f"{outcome.cause} (overtaken by {better[-1]})"
    return DeliveryOutcome(
        **{**{f: getattr(outcome, f) for f in outcome.__dataclass_fields__}, "status": "superseded", "cause": cause}
    )


def _remarked(contract: Contract, remark: Remark) -> DeliveryOutcome:
    """What is no delivery of this refresh, as an outcome: it stops, or it is only told."""
    status = "refused" if remark.why in (Remarked.MISPLACED, Remarked.UNREADABLE) else str(remark.why)
    if status == "refused":
        cause = str(DeliveryRefused(str(remark.why), str(remark), source=contract.id))
    else:
        cause = f"[{remark.why}] {contract.id}: {remark}"
    name = remark.day.isoformat() if remark.day else str(remark.why)
    return DeliveryOutcome(f"{contract.id}/{name}", contract.id, remark.day, status, cause=cause)


def _without_bytes(contract: Contract, day: date, refusal: DeliveryRefused) -> DeliveryOutcome:
    status = _NO_BYTES.get(refusal.reason_code)
    if status is None:
        raise refusal
    refusal.source = contract.id
    return DeliveryOutcome(f"{contract.id}/{day.isoformat()}", contract.id, day, status, cause=str(refusal))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
