"""Small disks that really run full or turn read-only, where the machine lets us mount them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0


class Disk:
    """A mounted memory disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def resize(self, size: int) -> None:
        """Let it hold ``size`` bytes."""
        assert _mount("-o", f"remount,size={size}", str(self.path))

    def writable(self, yes: bool) -> None:
        """Let it be written, or not."""
        assert _mount("-o", f"remount,{'rw' if yes else 'ro'}", str(self.path))


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[Disk]:
    """A disk of ``size`` bytes at ``path``; skips the test where mounting is not allowed."""
    path.mkdir(parents=True)
    if not _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)):
        pytest.skip("mounting a small disk needs root; the injected failures of the disk are tested all the same")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)
