"""What to do about a disk that is full, read-only or closed to us, in words for whoever runs the refresh.

Belongs here: reading the messages of the system, SQLite and DuckDB. Does not belong here: catching anything.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_FULL = ("No space left on device", "disk is full", "Disk quota exceeded", "File too large", "disk I/O error")
_READ_ONLY = ("Read-only file system",)
# SQLite says the same of a file that we may not write and of a disk that nobody may.
_CLOSED = ("Permission denied", "Operation not permitted", "unable to open database file", "readonly database")
# What the system may say of a disk; it names paths at the most, never a value.
MARKS = (*_FULL, *_READ_ONLY, *_CLOSED)
# A model that could not be written says so in dbt's words, not in the system's.
NEARLY_FULL = 20_000_000

FULL = (
    "The disk is full: free some space on the volume of {home} and run `winnumber refresh` again; "
    "folders of old runs in {home}/build may be removed. What readers see was not touched."
)
READ_ONLY = (
    "The disk cannot be written: mount the volume of {home} for writing and run the command again. "
    "What readers see was not touched."
)
CLOSED = (
    "Permission is missing: let the user who runs the refresh write everything below {home} (`winnumber doctor` names "
    "the folder) and run the command again. What readers see was not touched."
)


def advice(said: str, home: Path) -> str | None:
    """What to do about a failure of the disk or its permissions, or None when ``said`` speaks of neither."""
    for marks, words in ((_READ_ONLY, READ_ONLY), (_CLOSED, CLOSED), (_FULL, FULL)):
        if any(mark.lower() in said.lower() for mark in marks):
            return (READ_ONLY if words is CLOSED and _is_read_only(home) else words).format(home=home)
    return FULL.format(home=home) if _free(home) < NEARLY_FULL else None


def _free(home: Path) -> int:
    return shutil.disk_usage(_place(home)).free


def _is_read_only(home: Path) -> bool:
    return bool(os.statvfs(_place(home)).f_flag & os.ST_RDONLY)


def _place(home: Path) -> Path:
    return next((p for p in (home, *home.parents) if p.exists()), Path("/"))
