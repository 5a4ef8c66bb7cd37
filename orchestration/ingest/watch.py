"""Seeing that something new has landed and stopped growing, for a sensor that looks every minute.

Belongs here: comparing what lies in ``landing/`` with what was seen a look ago. Does not belong
here: taking anything in (``run``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.contracts.model import Contract
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.receive import Landed, landed

Cursor = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Sight:
    """What a look found.

    ``ready``: the folders (``source/date``) that are new, whole and at rest since the look before.
    ``content_hash``: identifies their bytes, so that the same content never starts a second run.
    ``cursor``: what to hand to the next look. ``reason``: why nothing is ready, in words.
    """

    ready: tuple[str, ...]
    content_hash: str
    cursor: Cursor
    reason: str


def look(home: Path, contracts: Mapping[str, Contract], seen: Cursor) -> Sight:
    """Compare the landing folder with the cursor of the look before."""
    before, done = seen.get("seen", {}), seen.get("done", {})
    now: dict[str, str] = {}
    fresh: list[Landed] = []
    for source in contracts:
        for delivery in landed(home / "landing", source)[0]:
            name = f"{source}/{delivery.snapshot_date}"
            now[name] = _signature(delivery.files)
            if done.get(name) != now[name] and before.get(name) == now[name]:
                fresh.append(delivery)
    growing = [name for name, signature in now.items() if done.get(name) != signature and name not in _names(fresh)]
    if growing:
        # Wait until everything rests: one refresh for what belongs together.
        return Sight((), "", {"seen": now, "done": done}, f"waiting for {', '.join(growing)} to rest")
    done = {name: done.get(name, "") for name in now} | {name: now[name] for name in _names(fresh)}
    cursor: Cursor = {"seen": now, "done": done}
    if not fresh:
        return Sight((), "", cursor, "nothing new has landed")
    with Ledger(home / "ledger.sqlite") as ledger:
        digest = hashlib.sha256()
        for delivery in fresh:
            for file in delivery.files:
                digest.update(f"{delivery.source}/{delivery.snapshot_date}/{_content(ledger, file)}\n".encode())
    return Sight(tuple(_names(fresh)), digest.hexdigest(), cursor, "")


def _names(deliveries: Iterable[Landed]) -> list[str]:
    return [f"{d.source}/{d.snapshot_date}" for d in deliveries]


def _signature(files: Iterable[Path]) -> str:
    parts = [f"{p.name}\0{(s := p.stat()).st_size}\0{s.st_mtime_ns}" for p in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _content(ledger: Ledger, file: Path) -> str:
    stat = file.stat()
    known = ledger.seen_hash(str(file), stat.st_size, stat.st_mtime_ns)
    if known is not None:
        return known
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return digest
