"""Has something new landed? For the sensor that starts a refresh.

Belongs here: comparing the landing folder with what was seen a moment ago. Does not belong here: taking a
delivery in (``run``), which looks for itself and trusts nothing from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.contracts.model import Contract
from orchestration.ingest.decode import CHUNK
from orchestration.ingest.landing import Landed, landed

# Folder ("<source>/<date>") to what its files looked like, and whether it was already reported as ready.
Cursor = dict[str, list[str]]
_REPORTED = "reported"


@dataclass(frozen=True)
class Sight:
    """What one look found.

    ``ready``: folders that are new or changed and rested since the look before; each is reported once.
    ``reason``: why nothing is ready. ``cursor``: to be handed in at the next look. ``content_hash``: identity
    of the bytes in the ready folders.
    """

    ready: tuple[str, ...]
    reason: str
    cursor: Cursor
    content_hash: str


def look(home: Path, contracts: Mapping[str, Contract], seen: Mapping[str, list[str]]) -> Sight:
    """Look at ``landing/`` once; only the bytes of folders that are ready are read."""
    found = [d for source in contracts for d in landed(home / "landing", source)[0]]
    cursor: Cursor = {}
    ready: list[Landed] = []
    resting = 0
    for delivery in found:
        name, shape = _name(delivery), _shape(delivery)
        before = seen.get(name, [])
        if before[:1] != [shape]:
            resting += 1
            cursor[name] = [shape]
            continue
        if _REPORTED not in before:
            ready.append(delivery)
        cursor[name] = [shape, _REPORTED]
    reason = ""
    if not ready:
        reason = f"{resting} folder(s) have not rested yet" if resting else "nothing new has landed"
    return Sight(tuple(_name(d) for d in ready), reason, cursor, _content(ready))


def _name(delivery: Landed) -> str:
    return f"{delivery.source}/{delivery.snapshot_date.isoformat()}"


def _shape(delivery: Landed) -> str:
    """Names, sizes and times of a folder's files, as one short text."""
    digest = hashlib.sha256()
    for path in delivery.files:
        stat = path.stat()
        digest.update(f"{path.relative_to(delivery.folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _content(deliveries: Iterable[Landed]) -> str:
    digest = hashlib.sha256()
    for delivery in deliveries:
        digest.update(f"{_name(delivery)}\0".encode())
        for path in delivery.files:
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()
