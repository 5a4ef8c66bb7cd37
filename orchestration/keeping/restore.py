"""A home out of a backup.

Belongs here: writing the files of one backup into a place that holds nothing, and checking them on the way. Does not
belong here: making backups (`backup`), judging the home that came out (`winnumber doctor`).
"""

from __future__ import annotations

import grp
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from orchestration.keeping import backup_set
from orchestration.keeping.backup_set import DATABASE, FOLDER, LINK, SETTINGS, BackupError, Entry
from orchestration.publish.files import copy_durably, sha256_of, sync_dir

# A home that is being restored: left behind when the process is killed, so that nobody takes the rest for a home.
UNFINISHED = ".restoring"


@dataclass(frozen=True)
class Restored:
    """What was put back. ``settings``: where the settings of then were put, when today's are others."""

    backup_id: str
    home: Path
    release_id: str | None
    files: int
    bytes: int
    with_secrets: bool
    settings: Path | None
    remarks: tuple[str, ...] = ()


def restore(folder: Path, home: Path, *, backup_id: str | None = None, settings: Path | None = None) -> Restored:
    """Write one backup (the newest by default) into ``home``, which must be absent or empty.

    Every file is held against its hash before the first is written, and again as it is written.
    ``settings``: today's settings file, to be compared with the one of then.
    Raises ``BackupError`` naming every damaged file, or what lies in the home already; nothing stays behind then.
    """
    home = home.absolute()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        there = sorted(p.name for p in home.iterdir())[:3] if home.is_dir() else ["a file"]
        raise BackupError(
            f"{home} is not empty ({', '.join(there)}, …); a backup is only restored into an empty place: choose "
            "another, or move what is there aside"
        )
    checked = backup_set.verify(folder, backup_id)
    if checked.faults:
        shown = "\n".join(f"  - {fault}" for fault in checked.faults[:20])
        more = f"\n  and {len(checked.faults) - 20} more" if len(checked.faults) > 20 else ""
        raise BackupError(
            f"backup {checked.backup_id} in {folder} is damaged, nothing was restored:\n{shown}{more}\n"
            "Use an earlier backup (--backup) or another copy of the folder."
        )
    manifest = backup_set.read(folder, backup_id)
    was_there = home.exists()
    home.mkdir(parents=True, exist_ok=True)
    (home / UNFINISHED).touch()
    try:
        remarks = _write(folder, home, manifest.entries)
        _check_databases(home, manifest.entries)
        beside = _settings_of_then(folder, home, manifest.entries, settings)
        (home / UNFINISHED).unlink()
    except BaseException:
        _empty(home, was_there)
        raise
    sync_dir(home)
    files = [e for e in manifest.entries if e.sha256 and e.kind != SETTINGS]
    return Restored(
        manifest.backup_id, home, manifest.release_id, len(files), sum(e.size for e in files), manifest.with_secrets,
        beside, tuple(remarks),
    )  # fmt: skip


def _write(folder: Path, home: Path, entries: Sequence[Entry]) -> list[str]:
    """Write every entry; returns in words what a group could not be given."""
    linked: dict[tuple[str, int], Path] = {}
    refused = []
    for entry in entries:
        target = home / entry.path
        if entry.kind == SETTINGS:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind == FOLDER:
            target.mkdir(exist_ok=True)
        elif entry.kind == LINK:
            target.symlink_to(entry.target)
        else:
            # The first snapshot of a voter file stands in the history as a second name of its accepted rows.
            twin = linked.get((entry.sha256, entry.mode)) if entry.path.startswith("archive/history/") else None
            if twin is None or not _link(twin, target):
                _copy(folder, entry, target)
            if entry.group and not _give(target, entry):
                refused.append(f"{entry.path} could not be given to group {entry.group}; only its owner may read it")
            if entry.path.startswith("archive/accepted/"):
                linked[(entry.sha256, entry.mode)] = target
    # Folders last: one that may not be written to would refuse its own files, and writing changes times.
    for entry in reversed([e for e in entries if e.kind == FOLDER]):
        (home / entry.path).chmod(entry.mode)
    return refused


def _give(target: Path, entry: Entry) -> bool:
    try:
        os.chown(target, -1, grp.getgrnam(entry.group).gr_gid)
    except (KeyError, OSError):
        target.chmod(entry.mode & ~0o070)  # its own group is another one, which was not meant
        return False
    return True


def _copy(folder: Path, entry: Entry, target: Path) -> None:
    source = backup_set.object_path(folder, entry.sha256)
    if copy_durably(source, target, entry.mode) != entry.sha256:
        raise BackupError(f"{entry.path} ({source}): its bytes changed while it was restored; nothing was restored")
    if entry.mtime_ns:
        # What has been read before is recognised by its time.
        os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))


def _link(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False  # a file system without links
    return True


def _check_databases(home: Path, entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.kind == DATABASE:
            with closing(sqlite3.connect(f"file:{home / entry.path}?immutable=1", uri=True)) as con:
                if con.execute("pragma quick_check").fetchone()[0] != "ok":
                    raise BackupError(f"{entry.path}: the database in this backup is damaged; use an earlier backup")


def _settings_of_then(folder: Path, home: Path, entries: Sequence[Entry], today: Path | None) -> Path | None:
    """Put the settings of then beside the home's files when they are not today's: they decide on every release."""
    then = next((e for e in entries if e.kind == SETTINGS), None)
    if then is None or (today is not None and today.is_file() and sha256_of(today) == then.sha256):
        return None
    beside = home / f"settings-of-backup-{then.path}"
    _copy(folder, then, beside)
    return beside


def _empty(home: Path, keep_folder: bool) -> None:
    for path in home.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not keep_folder:
        home.rmdir()
