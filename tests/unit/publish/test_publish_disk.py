"""A disk that is full, read-only or closed to us leaves the release that readers have, and no trace of the new one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from publish_samples import demanded, make_home
from support.disks import small_disk

from orchestration.faults import armed
from orchestration.publish import history
from orchestration.publish.reader import connect_reader
from orchestration.publish.releases import publish_demanded, rollback, verify_release

Candidate = Callable[..., Path]
FIRST, SECOND = "20260901-00000001", "20260901-00000002"


def published(folder: Path, home: Path) -> None:
    publish_demanded(folder, folder / "gate.json", home, demanded)


def assert_only_the_first(home: Path) -> None:
    with connect_reader(home) as connection:
        assert connection.execute("select release_id from release").fetchall() == [(FIRST,)]
    assert verify_release(home).release_id == FIRST
    assert [e.release_id for e in history.events(home)] == [FIRST]


def assert_both(home: Path) -> None:
    assert verify_release(home).release_id == SECOND
    assert [e.release_id for e in history.events(home)] == [FIRST, SECOND]
    assert sorted(p.name for p in (home / "releases").iterdir()) == [FIRST, SECOND]
    assert not list(home.glob(".current*"))


@pytest.mark.parametrize("action", ["enospc", "eacces"])
@pytest.mark.parametrize("at", ["copy", "verify", "record", "rename", "switch", "link"])
def test_a_failing_disk_at_any_step_changes_nothing_that_readers_see(
    candidate: Candidate, home: Path, at: str, action: str
) -> None:
    published(candidate(1), home)
    folder = candidate(2)
    with pytest.raises(OSError, match=f"publish.{at}") as raised, armed(f"publish.{at}:{action}"):
        published(folder, home)
    assert raised.value.errno == (errno.ENOSPC if action == "enospc" else errno.EACCES)
    assert_only_the_first(home)
    published(folder, home)
    assert_both(home)


def test_a_disk_that_really_runs_full_while_a_release_is_copied(candidate: Candidate, tmp_path: Path) -> None:
    first, second = candidate(1), candidate(2, rows=3000)
    size = sum(p.stat().st_size for p in first.rglob("*") if p.is_file())
    with small_disk(tmp_path / "disk", int(size * 1.6)) as disk:
        home = make_home(disk.path / "home")
        published(first, home)
        with pytest.raises(OSError, match="No space left"):
            published(second, home)
        assert_only_the_first(home)
        assert [p.name for p in (home / "releases").iterdir()] == [FIRST]
        disk.resize(size * 10)
        published(second, home)
        assert_both(home)


def test_a_disk_that_turned_read_only_is_still_read(candidate: Candidate, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 100_000_000) as disk:
        home = make_home(disk.path / "home")
        published(candidate(1), home)
        disk.writable(False)
        with pytest.raises(OSError, match="Read-only") as raised:
            published(candidate(2), home)
        assert raised.value.errno == errno.EROFS
        with pytest.raises(OSError, match="Read-only"):
            rollback(home, reason="a bad day", by="Ada")
        assert_only_the_first(home)
        disk.writable(True)
        published(candidate(2), home)
        assert_both(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("closed", ["releases", "."])
def test_who_may_no_longer_write_is_told_so_and_changes_nothing(candidate: Candidate, home: Path, closed: str) -> None:
    published(candidate(1), home)
    folder = candidate(2)
    for path in [home, *home.rglob("*"), folder, *folder.rglob("*")]:
        os.lchown(path, 65534, 65534)
    for parent in [folder, home, *list(folder.parents)[:4], *home.parents]:
        if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    (home / closed).chmod(0o555)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError):
            published(folder, home)
        assert_only_the_first(home)
        (home / closed).chmod(0o755)
        published(folder, home)
        assert_both(home)
    finally:
        os.seteuid(0)
