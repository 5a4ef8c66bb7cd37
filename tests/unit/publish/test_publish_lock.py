"""One refresh at a time; a dead one blocks nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.publish.errors import Busy
from orchestration.publish.lock import current_holder, single_writer

HOLD = """
import sys, time
from pathlib import Path
from orchestration.publish.lock import single_writer
with single_writer(Path(sys.argv[1]), "run-9", "schedule"):
    print("held", flush=True)
    time.sleep(60)
"""


def holding(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=os.getcwd(),  # noqa: PTH109
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_is_running(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    process = holding(path)
    try:
        with (
            pytest.raises(Busy, match=r"refresh run-9 by schedule since 20.* is running"),
            single_writer(path, "run-10", "cli"),
        ):
            pytest.fail("two writers")
        holder = current_holder(path)
        assert holder is not None
        assert (holder.run_id, holder.pid) == ("run-9", process.pid)
    finally:
        process.kill()
        process.wait()


def test_a_killed_process_blocks_nobody_though_its_note_stays(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    process = holding(path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "run-9" in path.read_text()
    assert current_holder(path) is None
    with single_writer(path, "run-10", "cli") as holder:
        assert holder.run_id == "run-10"
        assert "run-9" not in path.read_text()


def test_the_same_process_cannot_take_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    with single_writer(path, "run-1", "cli", datetime(2026, 9, 2, 5, 0, tzinfo=UTC)):
        with (
            pytest.raises(Busy, match=r"refresh run-1 by cli since 2026-09-02T05:00:00\+00:00"),
            single_writer(path, "run-2", "ui"),
        ):
            pytest.fail("two writers")
        assert current_holder(path) is not None


def test_the_lock_is_free_after_use_and_after_failure(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "refresh.lock"
    with pytest.raises(RuntimeError), single_writer(path, "run-1", "cli"):
        raise RuntimeError
    assert current_holder(path) is None
    with single_writer(path, "run-2", "cli"):
        pass


def test_a_garbled_note_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    path.write_text("not json")
    with single_writer(path, "run-1", "cli"):
        pass


def test_a_process_number_given_out_again_is_nobody(tmp_path: Path) -> None:
    """As in a container, where the next refresh has the number of the one that was killed."""
    path = tmp_path / "refresh.lock"
    note = {"run_id": "run-9", "who": "schedule", "since": "2026-09-02T05:00:00+00:00", "pid": os.getpid()}
    path.write_text(json.dumps(note))
    assert current_holder(path) is None


def test_whoever_only_looks_turns_no_writer_away(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            current_holder(path)

    watchers = [threading.Thread(target=look) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    try:
        for n in range(200):
            with single_writer(path, f"run-{n}", "cli"):
                pass
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join()


def test_only_the_run_that_holds_it_may_join(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    with single_writer(path, "run-1", "cli") as holder:
        with single_writer(path, "run-1", "cli", join=True) as joined:
            assert joined == holder
        assert current_holder(path) == holder
        with pytest.raises(Busy), single_writer(path, "run-2", "ui", join=True):
            pytest.fail("two writers")
        with pytest.raises(Busy), single_writer(path, "run-1", "cli"):
            pytest.fail("joined without asking")
    with pytest.raises(Busy), single_writer(path, "run-1", "cli"), single_writer(path, "run-2", "ui", join=True):
        pytest.fail("two writers")
