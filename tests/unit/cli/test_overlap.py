"""Whoever finds a refresh running is told whose, which and since when, with exit code 4, and writes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from orchestration import refresh
from orchestration.publish.lock import single_writer
from orchestration.settings import PROJECT_ROOT

COMMAND = str(Path(sys.executable).with_name("winnumber"))


def winnumber(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WINNUMBER_", "DAGSTER"))}
    return subprocess.run(
        [COMMAND, *words], env=kept | {"WINNUMBER_HOME": str(home)}, cwd=PROJECT_ROOT, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def everything(home: Path) -> dict[str, tuple[int, int, int]]:
    """Every path below a home, with what a write would change."""
    found = {str(p.relative_to(home)): p.lstat() for p in [home, *home.rglob("*")]}
    return {name: (s.st_mtime_ns, s.st_size, s.st_ino) for name, s in found.items()}


def test_a_second_refresh_says_who_runs_and_since_when_and_writes_nothing(tmp_path: Path) -> None:
    with single_writer(tmp_path / "refresh.lock", "1f2e3d4c-run", "schedule daily_refresh_schedule") as holder:
        before = everything(tmp_path)
        ran = winnumber(tmp_path, "refresh")
        assert everything(tmp_path) == before
    assert ran.returncode == 4
    said = ran.stdout + ran.stderr
    for told in ("Another refresh is running.", "1f2e3d4c-run", "schedule daily_refresh_schedule", holder.since):
        assert told in said


@pytest.mark.parametrize("held", ["publish.lock"])
def test_a_rollback_during_a_publish_is_turned_away(tmp_path: Path, held: str) -> None:
    with single_writer(tmp_path / held, "20260901-00000001", "cli") as holder:
        ran = winnumber(tmp_path, "rollback", "--reason", "a bad day")
    assert ran.returncode == 4
    assert holder.since in ran.stderr


def test_a_publish_waits_for_a_rollback_instead_of_throwing_a_built_release_away(tmp_path: Path) -> None:
    lock, done, order = tmp_path / "publish.lock", threading.Event(), []

    def rollback() -> None:
        with single_writer(lock, "rollback", "Ada"):
            done.set()
            time.sleep(0.5)
            order.append("rollback")

    def publish() -> str:
        with single_writer(lock, "20260901-00000001", "cli"):
            order.append("publish")
        return "published"

    other = threading.Thread(target=rollback)
    other.start()
    done.wait()
    assert refresh._when_free(publish) == "published"
    other.join()
    assert order == ["rollback", "publish"]
