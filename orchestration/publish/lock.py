"""One writer at a time: an advisory lock on a file, with a note of who holds it.

Belongs here: taking, describing and releasing the lock. Does not belong here: what is done under it.

The lock is the kernel's (`flock`): it ends with the process that holds it, so whatever note a killed
process left behind blocks nobody. The file is never removed, since two processes could then each lock
their own copy of it. A child process started by fork without exec shares its parent's lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.publish.errors import Busy


@dataclass(frozen=True)
class Holder:
    """Who holds the lock. who: cli, schedule, sensor, ui. since: ISO moment in UTC."""

    run_id: str
    who: str
    since: str
    pid: int


# Locks this process holds, by their path.
_held: dict[Path, Holder] = {}
# Whoever looks who is running holds the lock shared, for microseconds: a writer looks again before it gives up.
_LOOKS, _PAUSE = 10, 0.01


@contextmanager
def single_writer(
    path: Path, run_id: str, who: str, now: datetime | None = None, *, join: bool = False
) -> Iterator[Holder]:
    """Hold the lock file `path` for the length of the block; does not wait for another writer.

    `join`: where this very process holds it for the same run, go on under that lock.
    Raises Busy naming run, who and since when another process (or thread) holds it.
    """
    ours = _held.get(path.absolute())
    if join and ours is not None and ours.run_id == run_id:
        yield ours
        return
    since = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    holder = Holder(run_id, who, since, os.getpid())
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(handle, path)
        try:
            _note(handle, json.dumps(asdict(holder)))
            _held[path.absolute()] = holder
            yield holder
        finally:
            _held.pop(path.absolute(), None)
            _note(handle, "")
    finally:
        os.close(handle)  # releases the lock


def current_holder(path: Path) -> Holder | None:
    """Who holds the lock at this moment, for display only; None when nobody does.

    The kernel is asked, not the note: after a kill its process number may belong to somebody else.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path)
    finally:
        os.close(handle)
    return None


def _take(handle: int, path: Path) -> None:
    for look in range(_LOOKS):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if look < _LOOKS - 1:
                time.sleep(_PAUSE)
    raise Busy(_message(_read(path)))


def _note(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)


def _read(path: Path) -> Holder | None:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return Holder(str(note["run_id"]), str(note["who"]), str(note["since"]), int(note["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _message(holder: Holder | None) -> str:
    if holder is None:
        return "a refresh is running (it has not noted its name yet); try again when it is done"
    return f"refresh {holder.run_id} by {holder.who} since {holder.since} is running (process {holder.pid})"
