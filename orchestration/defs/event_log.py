"""Make the orchestrator's SQLite event log cheap to write.

A refresh stores some 2,400 events, each in a connection of its own. Two settings made that most of
a small refresh (measured 2026-11-23: 65 of 205 s on a busy machine): every commit waited for the
disk, and closing the last connection to a file folded its write-ahead log back each time.
Belongs here: those two settings. Does not belong here: what is stored.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_kept_open: dict[str, sqlite3.Connection] = {}


def tune() -> None:
    """Apply to every SQLite connection that SQLAlchemy makes in this process; safe to call twice."""
    if not event.contains(Engine, "connect", _on_connect):
        event.listen(Engine, "connect", _on_connect)


def _on_connect(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # With a write-ahead log NORMAL cannot corrupt the file; a power cut may lose the last events,
    # never a release or a delivery, which are not kept here.
    connection.execute("pragma synchronous = normal")
    for _, _, path in connection.execute("pragma database_list").fetchall():
        if path and path not in _kept_open:
            _kept_open[path] = sqlite3.connect(path, check_same_thread=False)
            _kept_open[path].execute("pragma schema_version")
