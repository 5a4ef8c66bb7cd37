"""A backup holds the whole home, once; what comes back is what was there, and a damaged one is refused by name."""

from __future__ import annotations

import grp
import json
import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from kept_homes import GATE_KEY, RELEASE, RUN, files_of, settings_of

from orchestration.keeping import backup_set
from orchestration.keeping import restore as restoring
from orchestration.keeping.backup import Made, backup, is_kept
from orchestration.keeping.backup_set import BackupError
from orchestration.keeping.restore import UNFINISHED, restore
from orchestration.publish.errors import Busy
from orchestration.publish.lock import single_writer
from orchestration.publish.releases import verify_release

NOT_KEPT = (
    "build/active",
    f"build/{RUN}/warehouse.duckdb",
    "dagster/storage/log.out",
    "releases/.incoming-x/half.duckdb",
)


def make(home: Path, folder: Path, **options: object) -> Made:
    return backup(settings_of(home), folder, by="tests", **options)  # type: ignore[arg-type]


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    """A folder with one backup of the home."""
    make(home, tmp_path / "backups")
    return tmp_path / "backups"


def object_of(folder: Path, path: str) -> Path:
    (entry,) = [e for e in backup_set.read(folder).entries if e.path == path]
    return backup_set.object_path(folder, entry.sha256)


def test_what_comes_back_is_what_was_there(home: Path, folder: Path, tmp_path: Path) -> None:
    before, done = files_of(home), restore(folder, tmp_path / "back", settings=settings_of(home).source)
    after = files_of(tmp_path / "back")
    gone = set(before) - set(after)
    assert set(after) <= set(before)
    assert {n for n in gone if not n.endswith(".lock")} == {
        *NOT_KEPT, "secrets/gate.key", *(n for n in before if n.startswith(f"build/{RUN}/candidate/") and
                                           not n.endswith(("gate.json", "release.json"))),
    }  # fmt: skip
    assert {n: after[n] for n in after} == {n: before[n] for n in after}
    assert done.release_id == RELEASE
    assert (tmp_path / "back" / "current").resolve().name == RELEASE


def test_with_its_keys_a_home_vouches_for_its_release_as_before(home: Path, tmp_path: Path) -> None:
    make(home, tmp_path / "backups", with_secrets=True)
    restore(tmp_path / "backups", tmp_path / "back")
    assert verify_release(tmp_path / "back").release_id == RELEASE


def test_modes_and_times_come_back_and_nothing_is_shared_with_the_home(
    home: Path, folder: Path, tmp_path: Path
) -> None:
    back = restore(folder, tmp_path / "back").home
    for path in [p for p in back.rglob("*") if not p.is_symlink() and not p.name.startswith("settings-of")]:
        there = home / path.relative_to(back)
        assert path.stat().st_mode == there.stat().st_mode, path
        if path.is_file():
            assert path.stat().st_ino != there.stat().st_ino
            if path.suffix not in (".db", ".sqlite"):
                assert path.stat().st_mtime_ns == there.stat().st_mtime_ns, path


def test_a_snapshot_that_stands_in_the_history_takes_no_room_twice(home: Path, folder: Path, tmp_path: Path) -> None:
    restore(folder, tmp_path / "back")
    (base,) = (tmp_path / "back" / "archive" / "history").rglob("base.parquet")
    assert base.stat().st_nlink == 2


def test_the_second_backup_copies_only_what_is_new(home: Path, folder: Path) -> None:
    (home / "landing" / "new").mkdir()
    (home / "landing" / "new" / "file.csv").write_text("something new")
    second = make(home, folder)
    assert (second.new_files, second.new_bytes) == (1, len("something new"))
    assert make(home, folder).new_files == 0
    assert len(backup_set.backups(folder)) == 3


def test_bytes_that_stand_in_two_places_are_kept_once(home: Path, folder: Path) -> None:
    landed = {p.read_bytes() for p in (home / "landing").rglob("*") if p.is_file()}
    objects = [p.read_bytes() for p in (folder / "objects").rglob("*") if p.is_file()]
    assert all(objects.count(content) == 1 for content in landed)


def test_an_earlier_backup_can_be_put_back(home: Path, folder: Path, tmp_path: Path) -> None:
    first = backup_set.backups(folder)[0]
    (home / "control_totals.csv").write_text("changed\n")
    make(home, folder)
    assert (restore(folder, tmp_path / "new").home / "control_totals.csv").read_text() == "changed\n"
    assert (restore(folder, tmp_path / "old", backup_id=first).home / "control_totals.csv").read_text() == "state\n"


def test_no_backup_is_made_while_a_refresh_or_a_publish_runs(home: Path, tmp_path: Path) -> None:
    for lock in ("refresh.lock", "publish.lock"):
        with single_writer(home / lock, "run-7", "schedule"), pytest.raises(Busy, match="run-7 by schedule"):
            make(home, tmp_path / "backups")
    assert backup_set.backups(tmp_path / "backups") == []


def test_a_refresh_that_starts_during_a_backup_is_turned_away(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    keep = backup_set.keep

    def slow(folder: Path, source: Path) -> tuple[str, int, bool]:
        with pytest.raises(Busy, match="backup by tests"), single_writer(home / "refresh.lock", "late", "schedule"):
            pass
        tried.append(source)
        return keep(folder, source)

    monkeypatch.setattr(backup_set, "keep", slow)
    make(home, tmp_path / "backups")
    assert tried


def test_a_database_that_is_written_to_is_copied_whole(home: Path, tmp_path: Path) -> None:
    path = home / "dagster" / "history" / "runs.db"
    with sqlite3.connect(path) as con:
        con.execute("create table pairs (a integer, b integer)")
    stop = threading.Event()

    def write() -> None:
        other = sqlite3.connect(path, timeout=30)
        n = 0
        while not stop.is_set():
            n += 1
            with other:
                other.execute("insert into pairs values (?, 0)", (n,))
                other.execute("update pairs set b = ? where a = ?", (n, n))
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            make(home, tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    with sqlite3.connect(restore(tmp_path / "backups", tmp_path / "back").home / "dagster/history/runs.db") as con:
        assert con.execute("select count(*) from pairs where a <> b").fetchone() == (0,)
        assert con.execute("pragma integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("path", ["control_totals.csv", "ledger.sqlite", f"releases/{RELEASE}/people.duckdb"])
@pytest.mark.parametrize("damage", ["flipped", "short", "gone"])
def test_a_damaged_backup_is_refused_naming_the_file(folder: Path, tmp_path: Path, path: str, damage: str) -> None:
    kept = object_of(folder, path)
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.unlink()
    if damage != "gone":
        kept.write_bytes(content if damage == "flipped" else content[:-1])
    (fault,) = backup_set.verify(folder).faults
    assert fault.startswith(path)
    with pytest.raises(BackupError, match=path) as error:
        restore(folder, tmp_path / "back")
    assert "nothing was restored" in str(error.value)
    assert not (tmp_path / "back").exists()


def test_bytes_that_change_while_they_are_restored_leave_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = object_of(folder, "control_totals.csv")
    verify = backup_set.verify

    def then_damage(*words: object) -> object:
        found = verify(*words)  # type: ignore[arg-type]
        kept.write_bytes(b"STATE\n")
        return found

    monkeypatch.setattr(backup_set, "verify", then_damage)
    (tmp_path / "back").mkdir()
    with pytest.raises(BackupError, match=r"control_totals\.csv"):
        restore(folder, tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"digest": "0", "format": 1}'])
def test_a_damaged_manifest_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    backup_set.manifest_path(folder, backup_set.backups(folder)[0]).write_bytes(content)
    with pytest.raises(BackupError, match="the manifest is damaged"):
        restore(folder, tmp_path / "back")


def test_an_edited_manifest_is_refused(folder: Path) -> None:
    path = backup_set.manifest_path(folder, backup_set.backups(folder)[0])
    path.write_text(path.read_text().replace(RELEASE, "20990101-ffffffff", 1))
    with pytest.raises(BackupError, match="digest does not match"):
        backup_set.read(folder)


def test_an_entry_that_leads_out_of_the_home_is_refused(folder: Path, tmp_path: Path) -> None:
    manifest = backup_set.read(folder)
    for bad in ("../evil", "/etc/evil", "a/../../evil"):
        (first, *rest) = [e for e in manifest.entries if e.kind == backup_set.FILE]
        moved = backup_set.Entry(**{**vars(first), "path": bad})
        backup_set.write(folder, backup_set.Manifest(**{**vars(manifest), "entries": (moved, *rest)}))
        with pytest.raises(BackupError, match="leads out of the home"):
            restore(folder, tmp_path / "back")


def test_a_home_that_has_anything_is_never_written_to(home: Path, folder: Path, tmp_path: Path) -> None:
    before = files_of(home)
    with pytest.raises(BackupError, match="is not empty"):
        restore(folder, home)
    assert files_of(home) == before
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / UNFINISHED).touch()  # what a restore leaves that was killed
    with pytest.raises(BackupError, match="is not empty"):
        restore(folder, tmp_path / "killed")


def test_keys_are_copied_only_when_asked_and_only_for_the_owner(home: Path, tmp_path: Path) -> None:
    make(home, tmp_path / "without")
    make(home, tmp_path / "with", with_secrets=True)
    assert not (restore(tmp_path / "without", tmp_path / "a").home / "secrets").exists()
    key = restore(tmp_path / "with", tmp_path / "b").home / "secrets" / "gate.key"
    assert key.read_bytes() == GATE_KEY
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not any(GATE_KEY in p.read_bytes() for p in (tmp_path / "without").rglob("*") if p.is_file())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to any group")
def test_a_teams_file_comes_back_to_its_group_and_to_nobody_where_there_is_none(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"releases/{RELEASE}/people.duckdb"
    group = next(g for g in grp.getgrall() if g.gr_gid != os.getegid())
    os.chown(home / name, -1, group.gr_gid)
    (home / name).chmod(0o440)
    for _ in range(2):  # also where the second backup knows the file already
        make(home, tmp_path / "backups")
    back = restore(tmp_path / "backups", tmp_path / "back")
    assert ((back.home / name).stat().st_gid, (back.home / name).stat().st_mode & 0o777) == (group.gr_gid, 0o440)
    assert back.remarks == ()

    def unknown(_: str) -> object:
        raise KeyError

    monkeypatch.setattr(restoring.grp, "getgrnam", unknown)
    other = restore(tmp_path / "backups", tmp_path / "other")
    assert (other.home / name).stat().st_mode & 0o777 == 0o400
    assert other.remarks == (f"{name} could not be given to group {group.gr_name}; only its owner may read it",)


def test_nobody_else_may_read_a_backup(folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    assert {p.stat().st_mode & 0o077 for p in (folder / "objects").rglob("*")} == {0}
    assert {p.stat().st_mode & 0o077 for p in (folder / "manifests").rglob("*")} == {0}


def test_an_archived_file_that_is_not_what_its_name_says_stops_the_backup(home: Path, tmp_path: Path) -> None:
    victim = next((home / "archive" / "objects").iterdir())
    victim.chmod(0o600)
    victim.write_bytes(b"something else")
    with pytest.raises(BackupError, match=victim.name):
        make(home, tmp_path / "backups")
    assert backup_set.backups(tmp_path / "backups") == []


def test_a_backup_may_not_lie_in_the_home(home: Path) -> None:
    for folder in (home, home / "backups", home.parent):
        with pytest.raises(BackupError, match="must not lie in the home"):
            make(home, folder)


def test_old_backups_go_with_what_only_they_needed(home: Path, folder: Path, tmp_path: Path) -> None:
    (home / "control_totals.csv").write_text("changed\n")
    first = object_of(folder, "control_totals.csv")
    before = backup_set.backups(folder)
    second = make(home, folder, keep=1)
    assert list(second.dropped) == before
    assert backup_set.backups(folder) == [second.backup_id]
    assert not first.exists()
    assert backup_set.verify(folder).faults == ()
    assert (restore(folder, tmp_path / "back").home / "control_totals.csv").read_text() == "changed\n"


def test_backups_of_one_second_keep_their_order(home: Path, folder: Path) -> None:
    at = datetime(2026, 9, 1, 5, 0, 0, tzinfo=UTC)  # before the first: a clock that was set back
    names = [make(home, folder, now=at).backup_id for _ in range(3)]
    assert backup_set.backups(folder)[1:] == names


def test_the_settings_of_then_are_shown_when_they_are_not_todays(home: Path, folder: Path, tmp_path: Path) -> None:
    own = settings_of(home).source
    assert restore(folder, tmp_path / "a", settings=own).settings is None
    (tmp_path / "other.toml").write_text("[campaign]\n")
    beside = restore(folder, tmp_path / "b", settings=tmp_path / "other.toml").settings
    assert beside is not None
    assert beside.read_bytes() == own.read_bytes()


def test_what_is_made_anew_or_passing_is_left_out() -> None:
    out = (
        "refresh.lock", "build/r/warehouse.duckdb", "ledger.sqlite-wal", "releases/.removing-x/a", "secrets/a.key",
        "archive/accepted/s/.2026-part.part/x.parquet", "archive/objects/.77.part", "dagster/storage/r/log",
    )  # fmt: skip
    kept = ("ledger.sqlite", "exports/.pending-E1/entry.json", "landing/a/2026-09-01/f.csv", "build/r/report.json",
            "releases/a/gate.json", "something_new/file", "truth/people.parquet")  # fmt: skip
    assert [p for p in out if is_kept(PurePosixPath(p), with_secrets=False)] == []
    assert [p for p in kept if not is_kept(PurePosixPath(p), with_secrets=False)] == []


def test_a_folder_without_a_backup_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="winnumber backup --to"):
        restore(tmp_path, tmp_path / "back")


def test_the_manifest_says_when_whence_and_what(home: Path, folder: Path) -> None:
    said = json.loads(backup_set.manifest_path(folder, backup_set.backups(folder)[0]).read_text())
    assert (said["home"], said["release_id"], said["with_secrets"]) == (str(home), RELEASE, False)
    assert all(len(e["sha256"]) == 64 for e in said["entries"] if e["kind"] in ("file", "database", "settings"))
