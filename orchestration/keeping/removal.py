"""Letting go of what a retention plan names, and of old logs.

Belongs here: the order that makes an interruption harmless, and the entry in the ledger. Does not belong here: deciding
(`retention`).

The ledger says first that a delivery is removed; from then on nothing reads its rows, and the next run finishes what an
interrupted one left. The line in the ledger stays: that it was received, its counts, its checks, when and why it went.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestration.ingest.ledger import Ledger
from orchestration.keeping.retention import Plan


@dataclass(frozen=True)
class Removed:
    """What was let go: deliveries, files and bytes; ``remarks``: what could not be, and why."""

    deliveries: int
    files: int
    bytes: int
    remarks: tuple[str, ...]


def carry_out(home: Path, plan: Plan, at: str) -> Removed:
    """Let go of what the plan names. ``at``: ISO moment in UTC. The caller holds the refresh's lock."""
    files, size = measure(plan.paths)
    remarks: list[str] = []
    if plan.expired or plan.orphans:
        with Ledger(home / "ledger.sqlite") as ledger:
            for gone in plan.expired:
                if not gone.unfinished:
                    count, held = measure((*gone.objects, *gone.folders, *gone.landed))
                    ledger.remove(gone.delivery_id, at, gone.reason, {"files": count, "bytes": held})
                for folder in gone.folders:
                    _drop_folder(folder)
                remarks += [remark for path in (*gone.objects, *gone.landed) if (remark := _drop(path))]
            remarks += [remark for path in plan.orphans if (remark := _drop(path))]
    for path in (p for gone in plan.expired for p in gone.landed):
        with contextlib.suppress(OSError):
            path.parent.rmdir()  # only when it is empty
    return Removed(len(plan.expired), files - len(remarks), size, tuple(remarks))


def measure(paths: Iterable[Path]) -> tuple[int, int]:
    """Files and bytes below ``paths``."""
    sizes = [
        file.stat().st_size
        for path in paths
        for file in ([path] if path.is_file() else path.rglob("*"))
        if file.is_file()
    ]
    return len(sizes), sum(sizes)


def drop_old_logs(folders: Iterable[Path], before: datetime) -> int:
    """Remove files below ``folders`` that were last written before a moment; returns how many."""
    gone = 0
    for path in [p for folder in folders for p in folder.rglob("*")]:
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before.timestamp():
                path.unlink()
                gone += 1
    return gone


def _drop_folder(folder: Path) -> None:
    # A folder without its manifest counts as not there, so half a removal is none that anybody could read.
    (folder / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(folder)


def _drop(path: Path) -> str:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return f"{path}: could not be removed ({error.strerror}); remove it by hand, its retention is over"
    return ""
