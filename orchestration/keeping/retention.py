"""Which deliveries nobody keeps any longer: past their contract's retention, and needed by nothing.

Belongs here: the decision, as a plan that can be shown before anything happens. Does not belong here: carrying it out
(`removal`), releases and builds (they are counted, not dated: `publish.releases`, `refresh`).

The days count from the day a delivery was received or from its snapshot's, whichever is later. Kept whatever their
age: what today's tables are made of, the snapshots behind voter history, and every delivery of a source with opt-outs
that was ever accepted, because an opt-out is for ever. A record of contributions is kept three years at least, whatever
its contract says. An archived object stays as long as one delivery needs it that is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orchestration.contracts.model import Contract, Kind
from orchestration.ingest.ledger import DeliveryRow, Ledger, Status
from orchestration.ingest.opt_outs import with_opt_outs
from orchestration.ingest.store import folder_of


@dataclass(frozen=True)
class Expired:
    """A delivery to let go, with what of it still lies on disk. ``unfinished``: decided before, then interrupted."""

    delivery_id: str
    source: str
    status: str
    kept_until: date
    days: int
    objects: tuple[Path, ...]
    folders: tuple[Path, ...]
    landed: tuple[Path, ...]
    unfinished: bool = False

    @property
    def reason(self) -> str:
        """The sentence that goes on record."""
        return f"removed: retention class {self.days} days of {self.source}, kept until {self.kept_until}"


@dataclass(frozen=True)
class Spared:
    """A delivery past its retention that is kept all the same, and why."""

    delivery_id: str
    kept_until: date
    reason: str


@dataclass(frozen=True)
class Plan:
    """What would be let go. ``orphans``: archived objects that no delivery is made of (refused unread)."""

    expired: tuple[Expired, ...]
    orphans: tuple[Path, ...]
    spared: tuple[Spared, ...]

    @property
    def paths(self) -> list[Path]:
        """Every file and folder that would go."""
        return [*(p for e in self.expired for p in (*e.objects, *e.folders, *e.landed)), *self.orphans]


def decide(home: Path, contracts: Mapping[str, Contract], today: date) -> Plan:
    """What may be let go on ``today``. Nothing is changed; a source without a contract keeps everything."""
    path = home / "ledger.sqlite"
    if not path.exists():
        return Plan((), (), ())
    opted = {c.id for c in with_opt_outs(contracts)}
    with Ledger(path) as ledger:
        rows = {row.id: row for row in ledger.deliveries()}
        users, seen = ledger.object_users(), ledger.seen_paths()
        doomed: dict[str, date] = {}
        spared = []
        for name, contract in contracts.items():
            ever = {row.id for row in ledger.ever_accepted(name)} if name in opted else set()
            used = _in_use(contract, ledger.accepted(name))
            for row in (r for r in rows.values() if r.source == name):
                until = kept_until(row, contract)
                if until is None or today <= until:
                    continue
                why = _needed(row, contract, used, ever)
                if why and row.status is not Status.REMOVED:
                    spared.append(Spared(row.id, until, why))
                else:
                    doomed[row.id] = until
    free = {sha for sha, ids in users.items() if ids <= doomed.keys()}
    expired = [
        _expired(home, rows[delivery], contracts[rows[delivery].source], users, free, doomed, seen)
        for delivery in doomed
    ]
    left = [e for e in expired if not e.unfinished or e.objects or e.folders or e.landed]
    return Plan(tuple(left), tuple(_orphans(home, contracts, users, seen, today)), tuple(spared))


def retention_days(contract: Contract) -> int | None:
    """How long a contract's deliveries are kept, in days; None: for ever."""
    from orchestration.compliance.judge import CONTRIBUTION_DAYS, is_financial

    days = contract.retention_days
    return max(days, CONTRIBUTION_DAYS) if days is not None and is_financial(contract) else days


def kept_until(row: DeliveryRow, contract: Contract) -> date | None:
    """The last day a delivery is kept; None: for ever."""
    days = retention_days(contract)
    received = datetime.fromisoformat(row.received_at).astimezone(UTC).date()
    return None if days is None else max(received, row.snapshot_date) + timedelta(days=days)


def _in_use(contract: Contract, accepted: list[DeliveryRow]) -> set[str]:
    """The accepted deliveries that a refresh reads; of snapshots the newest, of voter files each (their history)."""
    return {row.id for row in (accepted[-1:] if contract.kind is Kind.SNAPSHOT else accepted)}


def _needed(row: DeliveryRow, contract: Contract, used: set[str], ever: set[str]) -> str:
    """Why a delivery is kept whatever its age, or an empty text."""
    if row.id in ever:
        return "opt-outs are kept for ever"
    if row.id in used:
        return "voter history is built from it" if contract.kind is Kind.VOTERS else "in use"
    return ""


def _expired(
    home: Path,
    row: DeliveryRow,
    contract: Contract,
    users: Mapping[str, set[str]],
    free: set[str],
    doomed: Mapping[str, date],
    seen: list[tuple[str, int, int, str]],
) -> Expired:
    own = {sha for sha, ids in users.items() if row.id in ids}
    objects = [home / "archive" / "objects" / sha for sha in sorted(own & free)]
    folders = [folder_of(home, kind, row.id) for kind in ("accepted", "quarantine")]
    day = row.snapshot_date.isoformat()
    place = home / "landing" / row.source / day
    # What was landed for another day is that delivery's own copy, also where the bytes are the same.
    shared = {sha for sha in own if any(u.startswith(f"{row.source}/{day}/") for u in users[sha] if u not in doomed)}
    landed = [
        path
        for name, size, mtime_ns, sha in seen
        if sha in own - shared and place in (path := Path(name)).parents and _untouched(path, size, mtime_ns)
    ]
    days = retention_days(contract)
    assert days is not None  # noqa: S101  (it has an end, or it would not be here)
    return Expired(
        row.id, row.source, str(row.status), doomed[row.id], days, tuple(p for p in objects if p.is_file()),
        tuple(p for p in folders if p.is_dir()), tuple(landed), unfinished=row.status is Status.REMOVED,
    )  # fmt: skip


def _untouched(path: Path, size: int, mtime_ns: int) -> bool:
    """Whether a landed file is still the one that was received, and not another under its name."""
    try:
        stat = path.stat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (size, mtime_ns)


def _orphans(
    home: Path,
    contracts: Mapping[str, Contract],
    users: Mapping[str, set[str]],
    seen: list[tuple[str, int, int, str]],
    today: date,
) -> list[Path]:
    """Objects of deliveries that were refused before their members were known, by the class of their source."""
    landing = home / "landing"
    sources: dict[str, set[str]] = {}
    for name, _, _, sha in seen:
        if landing in Path(name).parents:
            sources.setdefault(sha, set()).add(Path(name).relative_to(landing).parts[0])
    found = []
    for path in sorted((home / "archive" / "objects").glob("[!.]*")):
        if path.name in users:
            continue
        known = [contracts[s] for s in sources.get(path.name, ()) if s in contracts]
        classes = [retention_days(c) for c in known or contracts.values()]
        received = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if classes and None not in classes and today > received + timedelta(days=max(d for d in classes if d)):
            found.append(path)
    return found
