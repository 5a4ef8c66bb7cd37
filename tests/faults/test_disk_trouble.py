"""A refresh on a disk that is full, read-only or closed says so, exits with 5, and readers keep what they have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import whole_refresh as whole
from support.disks import small_disk

from orchestration.publish.lock import current_holder

pytestmark = pytest.mark.faults
NOBODY = 65534
MB = 1_000_000


def used(folder: Path) -> int:
    return sum(p.lstat().st_blocks * 512 for p in folder.rglob("*"))


def assert_said(ended: whole.Ended, words: str) -> None:
    assert ended.code == 5, ended.out + ended.err
    assert words in ended.out + ended.err, ended.out + ended.err
    assert "Traceback" not in ended.err


def test_a_refresh_on_a_full_disk_says_so_and_ends_as_ever_when_there_is_room_again(
    world: Path, undisturbed: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 1000 * MB) as disk:
        home = whole.with_second_day(world, disk.path / "home")
        before = whole.content(home)
        # dbt's parsed project takes some 10 MB and the warehouse 40 (measured 2026-11-26), so it fails in dbt.
        disk.resize(used(home) + 30 * MB)
        ended = whole.run(home, "refresh")
        assert_said(ended, "The disk is full")
        assert f"Readers still see release {(home / 'current').readlink().name}" in ended.out + ended.err
        assert whole.content(home) == before
        assert current_holder(home / "refresh.lock") is None
        disk.resize(1000 * MB)
        again = whole.run(home, "refresh")
        assert again.code == 0, again.out + again.err
        assert whole.content(home) == whole.content(undisturbed)


def test_no_command_that_writes_goes_wrong_on_a_read_only_disk(world: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1000 * MB) as disk:
        home = whole.with_second_day(world, disk.path / "home")
        before = whole.content(home)
        disk.writable(False)
        assert_said(whole.run(home, "refresh"), "The disk cannot be written")
        assert_said(whole.run(home, "rollback", "--reason", "a bad day"), "The disk cannot be written")
        assert whole.run(home, "goals").code == 0
        assert whole.content(home) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
@pytest.mark.parametrize("closed", ["archive", "ledger.sqlite", "build"])
def test_a_refresh_that_may_not_write_says_so(second_day: Path, closed: str) -> None:
    home = second_day
    before = whole.content(home)
    os.lchown(home / closed, NOBODY, NOBODY)
    mode = (home / closed).stat().st_mode
    (home / closed).chmod(0o700)
    assert_said(whole.run(home, "refresh", powerless=True), "Permission is missing")
    assert whole.content(home) == before
    os.lchown(home / closed, 0, 0)
    (home / closed).chmod(mode)
    # That everything is taken in again is enough here; what follows is the same as ever.
    assert whole.run(home, "refresh", fault="opt_outs.read:kill", powerless=True).code == whole.KILLED
