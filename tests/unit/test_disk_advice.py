"""A failure of the disk is told in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.disks import small_disk

from orchestration import disk_advice
from orchestration.disk_advice import advice

SAID = {
    "OSError: [Errno 28] No space left on device: '/x'": "The disk is full",
    "OperationalError: database or disk is full": "The disk is full",
    "OSError: [Errno 27] File too large": "The disk is full",
    "OSError: [Errno 30] Read-only file system: '/x'": "The disk cannot be written",
    "OperationalError: attempt to write a readonly database": "Permission is missing",
    "PermissionError: [Errno 13] Permission denied: '/x'": "Permission is missing",
    "OperationalError: unable to open database file": "Permission is missing",
}


@pytest.mark.parametrize("said", SAID)
def test_what_the_system_says_is_turned_into_what_to_do(said: str, tmp_path: Path) -> None:
    words = advice(said, tmp_path)
    assert words is not None
    assert words.startswith(SAID[said])
    assert str(tmp_path) in words


def test_a_full_disk_is_named_even_where_a_model_only_says_that_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert advice("Failure: dbt exited with 1", tmp_path / "not" / "made" / "yet") is None
    monkeypatch.setattr(disk_advice, "_free", lambda home: disk_advice.NEARLY_FULL - 1)
    assert str(advice("Failure: dbt exited with 1", tmp_path)).startswith("The disk is full")


def test_sqlite_that_may_not_write_is_told_apart_from_a_disk_that_nobody_may_write(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1_000_000) as mounted:
        mounted.writable(False)
        words = advice("OperationalError: attempt to write a readonly database", mounted.path)
    assert str(words).startswith("The disk cannot be written")
