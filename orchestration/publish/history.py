"""The append-only log of what was published, rolled back and removed: `releases.jsonl`.

Belongs here: what an event is. Does not belong here: deciding or doing any of them, and how lines are chained
(``chain``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.publish import chain

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
    """Append one event, flushed to disk. A last line torn by a crash never counted: it is cut off first."""
    chain.mend(home / LOG)
    chain.append(
        home / LOG,
        {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "action": action,
            "release_id": release_id,
            "previous": previous,
            "by": by,
            "reason": reason,
        },
    )


def events(home: Path) -> tuple[Event, ...]:
    """All readable events, oldest first; a torn line is passed over."""
    found = []
    for entry in chain.entries(home / LOG):
        try:
            found.append(Event(**entry))
        except TypeError:
            continue
    return tuple(found)


def tampered_lines(home: Path) -> tuple[int, ...]:
    """Line numbers (from 1) whose note of the line before does not match it."""
    return chain.tampered_lines(home / LOG)
