"""A folder of backups: every file once, by its content, and one manifest per backup.

    <folder>/objects/<first two digits>/<sha256>    the bytes
    <folder>/manifests/<id>.json                    what stood where, with mode, size, time and sha256

Belongs here: this layout, reading and writing manifests, holding objects against their names. Does not belong here:
what of a home is kept (`backup`), and putting it back (`restore`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.publish.files import canonical_json, pretty_json, sha256_of, sync_dir, write_atomically

FORMAT = 1
FILE, DATABASE, LINK, FOLDER = "file", "database", "link", "folder"
SETTINGS = "settings"  # the campaign's settings file, which stands outside the home


class BackupError(Exception):
    """A backup cannot be made, is damaged or cannot be put back; the message names the file and what to do."""


@dataclass(frozen=True)
class Entry:
    """One file, link or folder of a home. ``path``: below the home; ``target``: where a link leads.

    ``group``: the group that a team's file was given to; empty where the owner's own has it.
    """

    path: str
    kind: str
    mode: int
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0
    target: str = ""
    group: str = ""


@dataclass(frozen=True)
class Manifest:
    """One backup. ``made_at``: ISO moment in UTC. ``release_id``: what readers saw, None before the first release."""

    backup_id: str
    made_at: str
    home: str
    release_id: str | None
    with_secrets: bool
    entries: tuple[Entry, ...]

    @property
    def contents(self) -> dict[str, int]:
        """Every object it needs, with its size."""
        return {e.sha256: e.size for e in self.entries if e.sha256}


@dataclass(frozen=True)
class Checked:
    """What holding a backup against its manifest found: files and bytes read, every fault in words."""

    backup_id: str
    files: int
    bytes: int
    faults: tuple[str, ...]


def object_path(folder: Path, sha256: str) -> Path:
    """Where the bytes of this hash lie."""
    return folder / "objects" / sha256[:2] / sha256


def manifest_path(folder: Path, backup_id: str) -> Path:
    """Where the manifest of a backup lies."""
    return folder / "manifests" / f"{backup_id}.json"


def backups(folder: Path) -> list[str]:
    """The ids of the finished backups, oldest first."""
    return sorted(path.stem for path in (folder / "manifests").glob("[!.]*.json"))


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, last of all: a backup without one was never made."""
    body: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(manifest)}))
    (folder / "manifests").mkdir(mode=0o700, parents=True, exist_ok=True)
    content = pretty_json({"digest": hashlib.sha256(canonical_json(body)).hexdigest(), **body})
    write_atomically(manifest_path(folder, manifest.backup_id), content, 0o600)


def read(folder: Path, backup_id: str | None = None) -> Manifest:
    """A backup's manifest, the newest when no id is given; raises ``BackupError``."""
    known = backups(folder)
    if not known:
        raise BackupError(f"{folder} holds no backup; make one with `winnumber backup --to {folder}`")
    wanted = backup_id or known[-1]
    if wanted not in known:
        raise BackupError(f"{folder} holds no backup {wanted!r}; there are: {', '.join(known)}")
    path = manifest_path(folder, wanted)
    try:
        body = json.loads(path.read_bytes())
        digest = body.pop("digest")
        if hashlib.sha256(canonical_json(body)).hexdigest() != digest:
            raise ValueError("its digest does not match its content")
        if body.pop("format") != FORMAT:
            raise ValueError(f"it is of another format than {FORMAT}")
        manifest = Manifest(**{**body, "entries": tuple(Entry(**entry) for entry in body["entries"])})
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise BackupError(f"{path}: the manifest is damaged ({error}); use another backup of this folder") from None
    for entry in manifest.entries:
        refuse_unsafe(entry, path)
    return manifest


def refuse_unsafe(entry: Entry, path: Path) -> None:
    """Raise ``BackupError`` for an entry that would be written outside the home it is restored into."""
    for said in (entry.path, entry.target) if entry.kind == LINK else (entry.path,):
        parts = Path(said).parts
        if not parts or Path(said).is_absolute() or ".." in parts:
            raise BackupError(f"{path}: the entry {entry.path!r} leads out of the home; this manifest is not ours")


def verify(folder: Path, backup_id: str | None = None) -> Checked:
    """Read every object of a backup and hold it against its name; raises ``BackupError`` for a bad manifest."""
    manifest = read(folder, backup_id)
    where: dict[str, str] = {}
    for entry in manifest.entries:
        where.setdefault(entry.sha256, entry.path)
    faults, total = [], 0
    for sha256, size in sorted(manifest.contents.items(), key=lambda item: where[item[0]]):
        path = object_path(folder, sha256)
        if fault := _fault(path, sha256, size):
            faults.append(f"{where[sha256]} ({path}): {fault}")
        else:
            total += size
    return Checked(manifest.backup_id, len(manifest.contents), total, tuple(faults))


def _fault(path: Path, sha256: str, size: int) -> str:
    try:
        if path.stat().st_size != size:
            return f"{path.stat().st_size:,} bytes, {size:,} were written"
        return "" if sha256_of(path) == sha256 else "its bytes are not those that were written"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def drop_oldest(folder: Path, keep: int) -> list[str]:
    """Remove all but the newest ``keep`` backups and the objects that only they needed; returns their ids.

    Raises ``BackupError`` when a manifest that stays cannot be read: then nobody knows what it needs.
    """
    known = backups(folder)
    doomed = known[: max(len(known) - keep, 0)]
    if not doomed:
        return []
    needed = _needed(folder, known[len(doomed) :])
    for backup_id in doomed:
        manifest_path(folder, backup_id).unlink()
    sync_dir(folder / "manifests")
    for path in (folder / "objects").glob("*/*"):
        if path.name not in needed:
            path.unlink()
    return doomed


def _needed(folder: Path, backup_ids: Iterable[str]) -> set[str]:
    return {sha256 for backup_id in backup_ids for sha256 in read(folder, backup_id).contents}


def keep(folder: Path, source: Path) -> tuple[str, int, bool]:
    """Copy a file into the objects, flushed to disk; returns (sha256, size, whether it was new).

    The bytes are hashed as they are copied, so that what is kept is what the manifest says, whatever happens to the
    source in the meantime.
    """
    objects = folder / "objects"
    objects.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = objects / f".{os.getpid()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb", buffering=0) as reader, _private(partial) as writer:
            while chunk := reader.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
                writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())
        target = object_path(folder, digest.hexdigest())
        if target.is_file() and target.stat().st_size == size:
            return digest.hexdigest(), size, False
        target.parent.mkdir(mode=0o700, exist_ok=True)
        partial.replace(target)
        sync_dir(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return digest.hexdigest(), size, True


def _private(path: Path) -> Any:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
