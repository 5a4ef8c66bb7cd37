"""Readers see one whole release; a refused, repeated or interrupted publish changes nothing they see."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from publish_samples import demanded

from orchestration.faults import FaultRaised, armed
from orchestration.publish import history
from orchestration.publish.candidate import measure
from orchestration.publish.errors import (
    Busy,
    DamagedRelease,
    GateRefused,
    NonDeterministicRelease,
    NoSuchRelease,
)
from orchestration.publish.lock import single_writer
from orchestration.publish.reader import connect_reader
from orchestration.publish.releases import (
    Release,
    current_release,
    list_releases,
    publish_demanded,
    retain,
    rollback,
    verify_release,
)

Candidate = Callable[..., Path]
STEPS = ["sweep", "copy", "verify", "record", "rename", "switch", "link", "log"]


def published(folder: Path, home: Path) -> Release:
    return publish_demanded(folder, folder / "gate.json", home, demanded)


def seen(home: Path) -> tuple[int, int]:
    """(rows, batch) as a reader sees them."""
    with connect_reader(home) as connection:
        row = connection.execute("select count(*), min(batch), max(batch) from goals").fetchall()[0]
    assert row[1] == row[2]
    return row[0], row[1]


def test_a_published_release_is_what_was_audited(candidate: Candidate, home: Path) -> None:
    folder = candidate(1)
    release = published(folder, home)
    assert (release.status, release.is_current) == ("published", True)
    assert measure(release.path).content == measure(folder).content
    assert seen(home) == (50, 1)
    assert current_release(home) == list_releases(home)[0]
    assert (home / "current").readlink() == Path("releases") / release.release_id
    assert verify_release(home).release_id == release.release_id


def test_published_files_cannot_be_written_and_people_only_be_read_by_the_owner(
    candidate: Candidate, home: Path
) -> None:
    path = published(candidate(1), home).path
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.rglob("*") if p.is_file()}
    assert modes.pop("people.duckdb") == 0o400
    assert set(modes.values()) == {0o444}


def test_the_files_open_in_plain_duckdb(candidate: Candidate, home: Path) -> None:
    path = published(candidate(1), home).path
    with duckdb.connect(str(path / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select release_id from warehouse.main.release").fetchall() == [(path.name,)]


def test_a_reader_can_reach_nothing_else(candidate: Candidate, home: Path, tmp_path: Path) -> None:
    published(candidate(1), home)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with connect_reader(home) as connection:
        for statement in (
            f"select * from read_csv('{tmp_path / 'secret.csv'}')",
            f"copy goals to '{tmp_path / 'stolen.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}'",
            "set enable_external_access = true",
            "create table mine as select 1",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_nothing_published_is_said_plainly(home: Path) -> None:
    assert current_release(home) is None
    assert list_releases(home) == ()
    with pytest.raises(NoSuchRelease, match="nothing is published"):
        connect_reader(home)
    with pytest.raises(NoSuchRelease):
        verify_release(home)


def test_a_failed_gate_is_refused_before_anything_is_copied(candidate: Candidate, home: Path) -> None:
    published(candidate(1), home)
    with pytest.raises(GateRefused, match=r"goals\.has_rows failed"):
        published(candidate(2, green=False), home)
    assert [release.release_id for release in list_releases(home)] == ["20260901-00000001"]
    assert seen(home) == (50, 1)


def test_a_record_of_another_run_is_refused(candidate: Candidate, home: Path) -> None:
    with pytest.raises(GateRefused, match=r"the record is of release 20260901-00000002"):
        publish_demanded(candidate(1), candidate(2) / "gate.json", home, demanded)
    with pytest.raises(GateRefused, match=r"goals|warehouse\.duckdb is not the file that was audited"):
        publish_demanded(candidate(1, "r"), candidate(2, "r") / "gate.json", home, demanded)
    assert current_release(home) is None


def test_one_changed_byte_in_any_file_is_refused(candidate: Candidate, home: Path) -> None:
    for name in ("parquet/goals.parquet", "release.json", "warehouse.duckdb", "people.duckdb"):
        folder = candidate(1)
        content = bytearray((folder / name).read_bytes())
        content[-1] ^= 1
        (folder / name).write_bytes(content)
        with pytest.raises(GateRefused, match=r"bytes differ|candidate is unreadable"):
            published(folder, home)
    assert list_releases(home) == ()
    assert list((home / "releases").iterdir()) == []


def test_a_table_changed_after_the_audit_is_refused(candidate: Candidate, home: Path) -> None:
    folder = candidate(1)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("update goals set batch = 99 where district_id = '007'")
    with pytest.raises(GateRefused, match=r"warehouse\.duckdb is not the file"):
        published(folder, home)


def test_a_missing_gate_record_is_refused(candidate: Candidate, home: Path) -> None:
    folder = candidate(1)
    (folder / "gate.json").unlink()
    with pytest.raises(GateRefused, match="no gate record"):
        published(folder, home)


def test_the_same_content_again_changes_nothing(candidate: Candidate, home: Path) -> None:
    first = published(candidate(1), home)
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in first.path.rglob("*")}
    log = (home / "releases.jsonl").read_bytes()
    again = published(candidate(1, again=True), home)
    assert (again.status, again.is_current) == ("unchanged", True)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in first.path.rglob("*")} == before
    assert (home / "releases.jsonl").read_bytes() == log


def test_the_same_content_after_a_rollback_is_pointed_to_again(candidate: Candidate, home: Path) -> None:
    published(candidate(1), home)
    published(candidate(2), home)
    rollback(home, reason="a bad day", by="Ada")
    assert published(candidate(2), home).status == "unchanged"
    assert seen(home) == (50, 2)
    assert [e.action for e in history.events(home)] == ["publish", "publish", "rollback", "repoint"]


def test_other_content_under_the_same_id_is_an_internal_error(candidate: Candidate, home: Path) -> None:
    published(candidate(1, "r"), home)
    with pytest.raises(NonDeterministicRelease, match=r"people\.duckdb, warehouse\.duckdb"):
        published(candidate(2, "r"), home)
    assert seen(home) == (50, 1)


def test_a_release_damaged_on_disk_is_noticed(candidate: Candidate, home: Path) -> None:
    path = published(candidate(1), home).path / "warehouse.duckdb"
    published(candidate(2), home)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedRelease):
        rollback(home, reason="a bad day", by="Ada")
    with pytest.raises(DamagedRelease):
        published(candidate(1), home)
    assert seen(home) == (50, 2)


@pytest.mark.parametrize("at", STEPS)
def test_a_publish_interrupted_at_any_step_leaves_old_or_new_and_converges(
    candidate: Candidate, home: Path, at: str
) -> None:
    published(candidate(1), home)
    folder = candidate(2)
    with pytest.raises(FaultRaised), armed(f"publish.{at}:raise"):
        publish_demanded(folder, folder / "gate.json", home, demanded)
    assert seen(home) == ((50, 2) if at == "log" else (50, 1))
    again = published(folder, home)
    assert (again.status, seen(home)) == ("published", (50, 2))
    assert [e.release_id for e in history.events(home)] == ["20260901-00000001", "20260901-00000002"]
    assert sorted(p.name for p in (home / "releases").iterdir()) == ["20260901-00000001", "20260901-00000002"]
    assert published(folder, home).status == "unchanged"


def test_a_publish_that_completes_an_interrupted_one_may_be_interrupted_itself(
    candidate: Candidate, home: Path
) -> None:
    published(candidate(1), home)
    folder = candidate(2)
    for at, batch in (("switch", 1), ("link", 1), ("log", 2), ("log", 2)):
        with pytest.raises(FaultRaised), armed(f"publish.{at}:raise"):
            published(folder, home)
        assert seen(home) == (50, batch)
    assert published(folder, home).status == "published"
    assert [e.action for e in history.events(home)] == ["publish", "publish"]
    assert not list(home.glob(".current*"))


KILLED = """
import sys
from pathlib import Path
from orchestration.publish.releases import publish_demanded
sys.path.insert(0, sys.argv[3])
from publish_samples import demanded
folder = Path(sys.argv[1])
publish_demanded(folder, folder / "gate.json", Path(sys.argv[2]), demanded)
"""


@pytest.mark.parametrize("at", ["verify", "rename", "switch", "log"])
def test_a_publish_killed_at_any_step_converges(candidate: Candidate, home: Path, at: str) -> None:
    published(candidate(1), home)
    folder = candidate(2)
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(home), str(Path(__file__).parent)],
        check=False,
        env={**os.environ, "WINNUMBER_FAULT": f"publish.{at}:kill", "WINNUMBER_FAULTS_ALLOWED": "1"},
    )
    assert process.returncode == -signal.SIGKILL
    assert seen(home) == ((50, 2) if at == "log" else (50, 1))
    assert published(folder, home).status == "published"
    assert seen(home) == (50, 2)
    assert not [p for p in (home / "releases").iterdir() if p.name.startswith(".")]


def test_readers_in_a_loop_see_only_whole_releases(candidate: Candidate, home: Path) -> None:
    folders = [candidate(batch, rows=20 + batch) for batch in range(1, 11)]
    published(folders[0], home)
    stop, failures, reads = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                folder = (home / "current").resolve()
                with duckdb.connect() as connection:
                    for file, alias in (("warehouse", "w"), ("people", "p")):
                        connection.execute(f"attach '{folder / file}.duckdb' as {alias} (read_only)")
                    row = connection.execute(
                        "select count(*), min(batch), max(batch), (select max(batch) from p.people), "
                        "(select count(*) from p.people), (select release_id from w.release), "
                        "(select release_id from p.release) from w.goals"
                    ).fetchall()[0]
                batch = row[1]
                if row != (20 + batch, batch, batch, batch, 20 + batch, folder.name, folder.name):
                    failures.append(row)
                reads.append(batch)
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for folder in folders[1:]:
        published(folder, home)
        time.sleep(0.02)
    time.sleep(0.2)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert reads == sorted(reads) or len(set(reads)) > 1
    assert set(reads) <= set(range(1, 11))
    assert reads[-1] == 10


def test_a_held_connection_keeps_its_release_and_a_new_one_sees_the_next(candidate: Candidate, home: Path) -> None:
    published(candidate(1), home)
    with connect_reader(home) as held:
        published(candidate(2), home)
        retain(home, keep=1)
        assert held.execute("select max(batch) from goals").fetchall() == [(1,)]
        assert seen(home) == (50, 2)


def test_rollback_points_to_the_release_before_and_says_who_and_why(candidate: Candidate, home: Path) -> None:
    for batch in (3, 1, 2):  # the order of publishing counts, not that of the ids
        published(candidate(batch), home)
    assert rollback(home, reason="county 001 counted twice", by="Ada").release_id == "20260901-00000001"
    assert seen(home) == (50, 1)
    assert rollback(home, reason="and before", by="Ada").release_id == "20260901-00000003"
    with pytest.raises(NoSuchRelease, match="no release before"):
        rollback(home, reason="and before", by="Ada")
    assert rollback(home, "20260901-00000002", reason="forward again", by="Ada").is_current
    last = history.events(home)[-1]
    assert (last.action, last.by, last.reason, last.previous) == (
        "rollback",
        "Ada",
        "forward again",
        "20260901-00000003",
    )


def test_a_rollback_needs_a_reason_a_name_and_a_kept_release(candidate: Candidate, home: Path) -> None:
    published(candidate(1), home)
    for reason, by in (("", "Ada"), ("why", " ")):
        with pytest.raises(ValueError, match="reason and the name"):
            rollback(home, reason=reason, by=by)
    with pytest.raises(NoSuchRelease, match=r"kept are: 20260901-00000001"):
        rollback(home, "../../etc", reason="why", by="Ada")


def test_retention_removes_the_oldest_but_never_the_current(candidate: Candidate, home: Path) -> None:
    for batch in (1, 2, 3, 4):
        published(candidate(batch), home)
    rollback(home, "20260901-00000001", reason="a bad week", by="Ada")
    assert retain(home, keep=2) == ("20260901-00000002", "20260901-00000003")
    assert [release.release_id for release in list_releases(home)] == ["20260901-00000001", "20260901-00000004"]
    assert seen(home) == (50, 1)
    assert retain(home, keep=2) == ()
    with pytest.raises(ValueError, match="at least one"):
        retain(home, keep=0)


def test_a_second_publish_at_the_same_moment_is_turned_away(candidate: Candidate, home: Path) -> None:
    with single_writer(home / "publish.lock", "r", "schedule"), pytest.raises(Busy):
        published(candidate(1), home)


def test_an_unusable_release_id_is_refused(candidate: Candidate, home: Path) -> None:
    with pytest.raises(ValueError, match="folder name"):
        published(candidate(1, ".hidden"), home)


def test_a_folder_that_was_never_sealed_is_refused(candidate: Candidate, home: Path, tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match="not a sealed candidate"):
        publish_demanded(tmp_path / "nothing", candidate(1) / "gate.json", home, demanded)


def test_the_log_shows_when_a_line_was_changed_or_torn(candidate: Candidate, home: Path) -> None:
    for batch in (1, 2, 3):
        published(candidate(batch), home)
    log = home / "releases.jsonl"
    assert history.tampered_lines(home) == ()
    lines = log.read_text().splitlines()
    first = json.loads(lines[0])
    log.write_text("\n".join([json.dumps({**first, "by": "nobody"}), *lines[1:]]) + "\n")
    assert history.tampered_lines(home) == (2,)
    log.write_text("\n".join(lines) + '\n{"at": "torn')
    history.append(home, "publish", "next", None)
    assert [event.release_id for event in history.events(home)][-1] == "next"
    assert len(history.events(home)) == 4


def test_the_current_symlink_is_replaced_never_absent(candidate: Candidate, home: Path) -> None:
    published(candidate(1), home)
    missing = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            if not os.path.lexists(home / "current"):
                missing.append(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for batch in (2, 3):
        published(candidate(batch), home)
    stop.set()
    watcher.join()
    assert missing == []
