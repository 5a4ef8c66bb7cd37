"""One consistent copy of a whole home, incremental by content.

Belongs here: which files of a home are kept, and copying them while nobody writes. Does not belong here: how a backup
folder is laid out (`backup_set`).

The refresh's lock and the publisher's are held throughout, so a refresh that is running refuses the backup, and one
that starts meanwhile is turned away. What writes without them (permissions put on record, the orchestrator's own
storage) is SQLite and is copied by SQLite's backup, which gives a moment's whole state. Bytes are copied, never linked:
a link would share the damage it is to guard against.
"""

from __future__ import annotations

import grp
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from orchestration.keeping import backup_set
from orchestration.keeping.backup_set import DATABASE, FILE, FOLDER, LINK, SETTINGS, BackupError, Entry, Manifest
from orchestration.publish.lock import single_writer
from orchestration.settings import Settings

SECRETS = "secrets"
_SQLITE = b"SQLite format 3\0"
# Of a build only what tells why it was refused: the warehouse under construction is made anew by every refresh.
_EVIDENCE = ("report.json", "dbt_features.json", "dbt_goals.json", "candidate/gate.json", "candidate/release.json")
# Below these everything is bytes as received or published, even where it looks like a database of ours.
_AS_IT_IS = ("landing", "archive", "releases", "truth")


@dataclass(frozen=True)
class Made:
    """What one backup came to: files in it, bytes in it, and what had to be copied because it was new."""

    backup_id: str
    folder: Path
    release_id: str | None
    files: int
    bytes: int
    new_files: int
    new_bytes: int
    dropped: tuple[str, ...] = ()


def backup(
    settings: Settings,
    folder: Path,
    *,
    by: str,
    with_secrets: bool = False,
    keep: int | None = None,
    now: datetime | None = None,
) -> Made:
    """Copy the home into ``folder``; only what no earlier backup holds is written.

    ``with_secrets``: also the home's keys, without which signed records cannot be continued. ``keep``: afterwards drop
    all but so many backups. Raises ``Busy`` while a refresh, export or publish runs, ``BackupError`` when the folder
    lies in the home or an archived file is not what its name says.
    """
    home, folder = settings.paths.home, folder.resolve()
    if not home.is_dir():
        raise BackupError(f"{home}: there is no home to copy")
    if folder == home or home in folder.parents or folder in home.parents:
        raise BackupError(f"{folder}: a backup must not lie in the home it copies, nor around it; choose another")
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        single_writer(settings.paths.lock, "backup", by),
        single_writer(home / "publish.lock", "backup", by),
        # Two backups into one folder would take each other's new objects for leftovers.
        single_writer(folder / ".lock", "backup", by),
    ):
        copy = _Copy(home, folder, with_secrets)
        entries = [*copy.entries(), copy.settings_file(settings.source)]
        backup_id = _free_id(folder, moment)
        release = next((e.target for e in entries if e.path == "current"), None)
        manifest = Manifest(
            backup_id, moment.isoformat(timespec="seconds"), str(home),
            PurePosixPath(release).name if release else None, with_secrets, tuple(entries),
        )  # fmt: skip
        backup_set.write(folder, manifest)
        dropped = backup_set.drop_oldest(folder, keep) if keep is not None else []
    return Made(
        backup_id, folder, manifest.release_id, sum(bool(e.sha256) for e in entries), sum(e.size for e in entries),
        copy.new_files, copy.new_bytes, tuple(dropped),
    )  # fmt: skip


def is_kept(path: PurePosixPath, with_secrets: bool) -> bool:
    """Whether a file of a home belongs into a backup; everything does that is not made anew or a passing state."""
    name, parts = path.name, path.parts
    if name.endswith((".lock", ".part", ".tmp", "-wal", "-shm")) or name.startswith((".current.", ".active.")):
        return False
    if any(p.startswith((".incoming-", ".removing-")) or p.endswith(".part") for p in parts):
        return False
    if parts[0] == SECRETS:
        return with_secrets
    if parts[0] == "build":
        return str(PurePosixPath(*parts[2:])) in _EVIDENCE
    return parts[:2] != ("dagster", "storage")


def _is_kept_folder(path: PurePosixPath, with_secrets: bool) -> bool:
    if path.parts[0] == "build":
        return len(path.parts) < 3 or path.parts[2:] == ("candidate",)
    return is_kept(path, with_secrets)


class _Copy:
    """The state of one pass over a home: what earlier backups know, and what was new."""

    def __init__(self, home: Path, folder: Path, with_secrets: bool) -> None:
        self.home, self.folder, self.with_secrets = home, folder, with_secrets
        self.new_files = self.new_bytes = 0
        known = backup_set.backups(folder)
        before = backup_set.read(folder, known[-1]).entries if known else ()
        self.before = {e.path: e for e in before if e.kind == FILE}

    def entries(self) -> Iterator[Entry]:
        """Every entry of the home, folders before what is in them."""
        for root, folders, files in os.walk(self.home):
            folders.sort()
            here = Path(root).relative_to(self.home)
            for name in sorted([*files, *(f for f in folders if (Path(root) / f).is_symlink())]):
                path = PurePosixPath((here / name).as_posix())
                if is_kept(path, self.with_secrets):
                    entry = self._entry(Path(root) / name, path)
                    if entry is not None:
                        yield entry
            for name in folders:
                path = PurePosixPath((here / name).as_posix())
                if not (Path(root) / name).is_symlink() and _is_kept_folder(path, self.with_secrets):
                    yield Entry(str(path), FOLDER, stat.S_IMODE((Path(root) / name).stat().st_mode))

    def _entry(self, file: Path, path: PurePosixPath) -> Entry | None:
        try:
            seen = file.lstat()
            if stat.S_ISLNK(seen.st_mode):
                target = str(file.readlink())
                inside = not Path(target).is_absolute() and ".." not in Path(target).parts
                return Entry(str(path), LINK, 0, target=target) if inside else None
            if not stat.S_ISREG(seen.st_mode):
                return None
            mode = stat.S_IMODE(seen.st_mode)
            if path.parts[0] not in _AS_IT_IS and _is_sqlite(file):
                return Entry(str(path), DATABASE, mode, *self._database(file))
            known = self.before.get(str(path))
            if known is not None and (known.size, known.mtime_ns) == (seen.st_size, seen.st_mtime_ns):
                kept = backup_set.object_path(self.folder, known.sha256)
                if kept.is_file() and kept.stat().st_size == known.size:
                    return Entry(str(path), FILE, mode, known.sha256, known.size, known.mtime_ns, group=_team(seen))
            sha256, size = self._keep(file)
        except FileNotFoundError:
            # Somebody took it out of landing/ meanwhile; nothing else is taken out while the locks are held.
            return None
        if path.parts[:2] == ("archive", "objects") and sha256 != path.name:
            raise BackupError(
                f"{file}: its bytes are not those that were received; restore it from an earlier backup or receive the "
                "delivery again, then make the backup"
            )
        return Entry(str(path), FILE, mode, sha256, size, seen.st_mtime_ns, group=_team(seen))

    def _keep(self, file: Path) -> tuple[str, int]:
        sha256, size, is_new = backup_set.keep(self.folder, file)
        self.new_files += is_new
        self.new_bytes += size if is_new else 0
        return sha256, size

    def _database(self, file: Path) -> tuple[str, int]:
        """A moment's whole state of a SQLite file, whoever writes to it."""
        copied = self.folder / f".{os.getpid()}.sqlite"
        copied.unlink(missing_ok=True)
        os.close(os.open(copied, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with (
                closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as source,
                closing(sqlite3.connect(copied)) as target,
            ):
                source.backup(target)
                if target.execute("pragma quick_check").fetchone()[0] != "ok":
                    raise BackupError(f"{file}: the database is damaged; restore it from an earlier backup")
            return self._keep(copied)
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{file}: cannot be copied as a database ({error})") from None
        finally:
            for leftover in (copied, *copied.parent.glob(f"{copied.name}-*")):
                leftover.unlink(missing_ok=True)

    def settings_file(self, source: Path) -> Entry:
        """The campaign's settings, which decide on every release and stand outside the home."""
        sha256, size = self._keep(source)
        return Entry(source.name, SETTINGS, 0o644, sha256, size)


def _team(seen: os.stat_result) -> str:
    """The name of the group a file was given to, where that is not the group everything else is of."""
    if seen.st_gid == os.getegid():
        return ""
    try:
        return grp.getgrgid(seen.st_gid).gr_name
    except KeyError:
        return ""


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(_SQLITE)) == _SQLITE


def _free_id(folder: Path, moment: datetime) -> str:
    """A name that sorts after every earlier one, also when two backups are made within a second."""
    known = backup_set.backups(folder)
    name = f"{moment:%Y%m%dT%H%M%SZ}"
    if known and known[-1][: len(name)] >= name:
        stem, _, number = known[-1].partition("-")
        return f"{stem}-{int(number or 0) + 1:04d}"
    return name
