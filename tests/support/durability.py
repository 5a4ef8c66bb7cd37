"""Watch what is flushed and what is given a name, in order: nothing may be pointed to before it is durable.

A power cut may drop whatever was not flushed; a rename that outlives the bytes it names is what would be left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestration import faults


@dataclass
class Watch:
    """What was done wrongly, in words; and what was named, so that a test can see that it saw something."""

    faults: list[str] = field(default_factory=list)
    named: list[Path] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)


@dataclass
class _Disk:
    flushed: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)  # inode -> (size, mtime) when flushed
    unsynced: set[Path] = field(default_factory=set)  # folders with names that are not flushed

    def holds(self, path: Path) -> bool:
        seen = path.stat()
        return self.flushed.get((seen.st_dev, seen.st_ino)) == (seen.st_size, seen.st_mtime_ns)


@contextmanager
def watching(root: Path, *promises: str, scratch: tuple[str, ...] = ()) -> Iterator[Watch]:
    """Watch every rename below ``root``; ``promises``: fault points at which all that was named must be durable.

    ``scratch``: parts of paths that need not outlive anything.
    """
    watch, disk = Watch(), _Disk()
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def flush(handle: int) -> None:
        fsync(handle)
        path, seen = Path(os.readlink(f"/proc/self/fd/{handle}")), os.fstat(handle)  # noqa: PTH115
        disk.flushed[seen.st_dev, seen.st_ino] = (seen.st_size, seen.st_mtime_ns)
        disk.unsynced.discard(path)

    def look(source: Any, target: Any) -> None:
        source, target = Path(source), Path(target)
        kept = target.is_relative_to(root) and not any(part in str(target) for part in (*scratch, "removing"))
        if not kept:
            return
        watch.named.append(target)
        if source.is_symlink():
            _promise(f"{target.name} -> {source.readlink()}")
        elif source.is_dir():
            parts = list(source.rglob("*"))
            folders = {source, *(p for p in parts if p.is_dir())}
            watch.faults.extend(
                f"{p} was not flushed before {target}" for p in parts if p.is_file() and not disk.holds(p)
            )
            watch.faults.extend(f"{p} was not flushed before {target}" for p in folders & disk.unsynced)
        elif not disk.holds(source):
            watch.faults.append(f"{source} was not flushed before {target}")
        disk.unsynced.add(target.parent)

    def _promise(what: str) -> None:
        watch.promised.append(what)
        watch.faults.extend(f"names in {folder} were not flushed before {what}" for folder in sorted(disk.unsynced))

    def watched_rename(source: Any, target: Any, **more: Any) -> None:
        look(source, target)
        rename(source, target, **more)

    def watched_replace(source: Any, target: Any, **more: Any) -> None:
        look(source, target)
        replace(source, target, **more)

    class Promise:
        def __init__(self, name: str) -> None:
            self.name = name

        def strike(self) -> None:
            _promise(self.name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", flush)
        patch.setattr(os, "rename", watched_rename)
        patch.setattr(os, "replace", watched_replace)
        for name in promises:
            patch.setitem(faults._armed, name, Promise(name))  # type: ignore[arg-type]
        yield watch
        _promise("the end")
