"""An append-only file of JSON lines in which every line vouches for the one before it.

Belongs here: appending and reading lines, and finding those that were altered. Does not belong here: what a line says
(``history``: releases; ``outreach.record``: exports).

Each line carries the sha256 of the line before it, so that an edited or dropped line shows at its successor; with
``seal`` it also carries one of itself, so that an edit of the last line shows too. Whoever can write the file can
forge the whole of it: the chain tells mistakes and meddling with single lines, not a determined owner of the machine.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.publish.files import sync_dir

BEFORE = "line_before"
ITSELF = "line_hash"


def append(path: Path, entry: Mapping[str, object], *, seal: bool = False, mode: int = 0o644) -> None:
    """Append one line, flushed to disk, or nothing. A last line torn by a crash is closed off first."""
    existing = path.read_bytes() if path.exists() else b""
    last = existing.rstrip(b"\n").rsplit(b"\n", 1)[-1]
    said: dict[str, object] = {**entry, BEFORE: hashlib.sha256(last).hexdigest()}
    if seal:
        said[ITSELF] = _digest(said)
    line = json.dumps(said, ensure_ascii=False).encode() + b"\n"
    if existing and not existing.endswith(b"\n"):
        line = b"\n" + line
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode)
    try:
        if os.write(handle, line) != len(line):
            # A nearly full disk takes the first part of a line without an error.
            os.ftruncate(handle, len(existing))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_dir(path.parent)


def entries(path: Path) -> tuple[dict[str, Any], ...]:
    """All readable lines, oldest first, without what chains them; a torn line is passed over."""
    found = []
    for line in _lines(path):
        try:
            entry = json.loads(line)
            entry.pop(BEFORE)
        except (ValueError, KeyError, AttributeError, TypeError):
            continue
        entry.pop(ITSELF, None)
        found.append(entry)
    return tuple(found)


def mend(path: Path) -> bool:
    """Cut off a last line that a crash left without its end: it never counted. Whether there was one."""
    whole = path.read_bytes() if path.exists() else b""
    if not whole or whole.endswith(b"\n"):
        return False
    with path.open("r+b") as stream:
        stream.truncate(whole.rfind(b"\n") + 1)
        os.fsync(stream.fileno())
    return True


def tampered_lines(path: Path) -> tuple[int, ...]:
    """Line numbers (from 1) whose note of the line before, or of themselves, does not match."""
    bad, before = [], b""
    for number, line in enumerate(_lines(path), start=1):
        try:
            said = json.loads(line)
            noted, own = said.get(BEFORE), said.pop(ITSELF, None)
        except (ValueError, AttributeError):
            said, noted, own = {}, None, None
        if noted != hashlib.sha256(before).hexdigest() or (own is not None and own != _digest(said)):
            bad.append(number)
        before = line
    return tuple(bad)


def _lines(path: Path) -> list[bytes]:
    # Cut at line feeds only: a text inside a line may hold other characters that end lines elsewhere.
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    return lines[:-1] if lines and not lines[-1] else lines


def _digest(said: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
