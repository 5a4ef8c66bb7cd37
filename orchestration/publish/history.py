"""The append-only log of what was published, rolled back and removed: `releases.jsonl`.

Belongs here: appending and reading events. Does not belong here: deciding or doing any of them.
Each line carries the sha256 of the line before it, so that an edited or dropped line shows.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.publish.files import sync_dir

LOG = "releases.jsonl"


@dataclass(frozen=True)
class Event:
    """One line. action: publish, repoint, rollback, remove. previous: what `current` was before."""

    at: str
    action: str
    release_id: str
    previous: str | None
    by: str
    reason: str


def append(home: Path, action: str, release_id: str, previous: str | None, by: str = "", reason: str = "") -> None:
    """Append one event, flushed to disk. A last line torn by a crash is closed off first."""
    path = home / LOG
    existing = path.read_bytes() if path.exists() else b""
    last = existing.rstrip(b"\n").rsplit(b"\n", 1)[-1]
    entry: Mapping[str, object] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "release_id": release_id,
        "previous": previous,
        "by": by,
        "reason": reason,
        "line_before": hashlib.sha256(last).hexdigest(),
    }
    line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
    if existing and not existing.endswith(b"\n"):
        line = b"\n" + line
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_dir(home)


def events(home: Path) -> tuple[Event, ...]:
    """All readable events, oldest first; a torn line is passed over."""
    path = home / LOG
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            entry = json.loads(line)
            entry.pop("line_before")
            found.append(Event(**entry))
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def tampered_lines(home: Path) -> tuple[int, ...]:
    """Line numbers (from 1) whose note of the line before does not match it."""
    path = home / LOG
    lines = path.read_bytes().splitlines() if path.exists() else []
    bad, before = [], b""
    for number, line in enumerate(lines, start=1):
        try:
            noted = json.loads(line).get("line_before")
        except ValueError:
            noted = None
        if noted != hashlib.sha256(before).hexdigest():
            bad.append(number)
        before = line
    return tuple(bad)
