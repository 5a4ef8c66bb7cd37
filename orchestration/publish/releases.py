"""Releases: publish an audited candidate, say what is current, roll back, retain.

Belongs here: the folder `releases/`, the symlink `current` and everything that moves them.
Does not belong here: sealing and auditing, comparing releases (see `compare`).

A release is made current by replacing one directory symlink. Whatever is interrupted leaves the old
release or the new one, never a mixture, and the same call made again ends where it would have ended:
an unfinished copy is swept, a finished one is found and pointed to.
Files are never renamed over and release folders never rewritten, because open readers would notice.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.faults import fault_point
from orchestration.gates import record as gate
from orchestration.gates import record_file, signing
from orchestration.gates.demanded import Demanded, misplaced, shortfalls
from orchestration.gates.record import GateRecord
from orchestration.publish import files as fs
from orchestration.publish import history
from orchestration.publish import incoming as incoming_files
from orchestration.publish.candidate import (
    CURRENT,
    GATE_JSON,
    RELEASE_JSON,
    RELEASES,
    Sealed,
    measure,
    read_release_id,
    read_run_id,
)
from orchestration.publish.encryption import EncryptionError
from orchestration.publish.errors import (
    DamagedRelease,
    GateRefused,
    NonDeterministicRelease,
    NoSuchRelease,
)
from orchestration.publish.lock import single_writer
from orchestration.publish.teams import group_ids

_INCOMING = ".incoming-"
_REMOVING = ".removing-"


@dataclass(frozen=True)
class Release:
    """One kept release. status: 'published' or 'unchanged' from `publish`, 'kept' from a listing."""

    release_id: str
    path: Path
    data_as_of: str
    built_at: str
    is_current: bool
    status: str = "kept"


def publish(
    candidate: Path,
    record_path: Path,
    home: Path,
    *,
    by: str = "",
    run_id: str | None = None,
) -> Release:
    """Make an audited candidate the current release of `home`.

    What it must have stood is found out here, from the project's files and the home's ledger; no caller says it. The
    candidate is copied, and the copy is what is hashed, fingerprinted and held against the gate record at
    `record_path`: the audited bytes are the published bytes. Publishing the same content under the same id again
    rewrites nothing and returns status 'unchanged'. run_id: refuse a candidate or record of another run.

    Raises GateRefused (nothing changed), NonDeterministicRelease (this id exists with other content),
    DamagedRelease (this id exists and its files are not what its own record names), AudienceError (a group cannot
    be given its file), Busy.
    """
    from orchestration import demands

    return publish_demanded(candidate, record_path, home, lambda: demands.demanded(home), by=by, run_id=run_id)


def publish_demanded(
    candidate: Path,
    record_path: Path,
    home: Path,
    demands: Callable[[], Demanded],
    *,
    by: str = "",
    run_id: str | None = None,
) -> Release:
    """`publish`, with the demands handed in: for tests on candidates of two tables. Nothing else may call it."""
    incoming_files.refuse_links(candidate)
    try:
        candidate_id = read_release_id(candidate)
    except FileNotFoundError as error:
        raise GateRefused([f"{error}; run the whole job daily_refresh"]) from None
    key = signing.checking_key(home)
    record = record_file.read(record_path, key)
    _same_release_and_run(record, candidate, candidate_id, run_id)
    demanded = demands()
    releases = home / RELEASES
    with single_writer(home / "publish.lock", record.release_id, by or "publish"):
        now = datetime.now(UTC)
        if causes := [*shortfalls(record, demanded, now), *record.verdict_at(now).causes]:
            raise GateRefused(causes)  # before anything is copied
        groups = group_ids(demanded.audiences, demanded.files)
        _check_id(record.release_id)
        releases.mkdir(parents=True, exist_ok=True)
        fault_point("publish.sweep")
        _sweep(releases)
        incoming = releases / f"{_INCOMING}{record.release_id}"
        try:
            fault_point("publish.copy")
            hashes = incoming_files.copy(candidate, incoming, groups)
            fault_point("publish.verify")
            gate.verify_bytes(record, hashes)
            sealed = measure(incoming)
            gate.verify(record, sealed, now)
            if causes := misplaced(sealed, demanded):
                raise GateRefused(causes)
            target = releases / record.release_id
            if target.exists():
                _same_or_raise(target, sealed, home)
                return _point_again(home, target, by)
            fault_point("publish.record")
            incoming_files.finish(record, incoming, key)
            fault_point("publish.rename")
            incoming.rename(target)
            fs.sync_dir(releases)
        finally:
            _remove(incoming)
        fault_point("publish.switch")
        previous = _current_id(home)
        _point(home, target)
        fault_point("publish.log")
        history.append(home, "publish", target.name, previous, by)
    return _describe(target, home, "published")


def _same_release_and_run(record: GateRecord, candidate: Path, candidate_id: str, run_id: str | None) -> None:
    if record.release_id != candidate_id:
        raise GateRefused([f"the record is of release {record.release_id}, the candidate is {candidate_id}"])
    sealed_by = read_run_id(candidate)
    if record.run_id != sealed_by:
        raise GateRefused([f"the record is of run {record.run_id}, the candidate was sealed by run {sealed_by}"])
    if run_id is not None and run_id != record.run_id:
        raise GateRefused([f"the record is of run {record.run_id}, this is run {run_id}; run the whole job"])


def list_releases(home: Path) -> tuple[Release, ...]:
    """Kept releases, oldest first, in the order they were published."""
    order = {e.release_id: n for n, e in enumerate(history.events(home)) if e.action == "publish"}
    folders = [
        path
        for path in (home / RELEASES).glob("[!.]*")
        if (path / GATE_JSON).is_file() and (path / RELEASE_JSON).is_file()
    ]
    found = [_describe(path, home, "kept") for path in folders]
    last = max(order.values(), default=0) + 1  # published, but interrupted before it was logged
    return tuple(sorted(found, key=lambda r: (order.get(r.release_id, last), r.built_at, r.release_id)))


def current_release(home: Path) -> Release | None:
    """Describe the release that readers open now, or None before the first publish."""
    name = _current_id(home)
    if name is None:
        return None
    path = home / RELEASES / name
    if not (path / RELEASE_JSON).is_file():
        raise DamagedRelease(f"{home / CURRENT} points to {name}, which is gone; roll back to a kept release")
    return _describe(path, home, "kept")


def rollback(home: Path, to: str | None = None, *, reason: str, by: str) -> Release:
    """Point `current` at an earlier release: the one published before the current one, or `to`.

    Who and why go into the log. Raises NoSuchRelease when there is none, DamagedRelease when its files
    are not what its gate record names, ValueError without a reason or a name.
    """
    if not reason.strip() or not by.strip():
        raise ValueError("a rollback needs a reason and the name of who decided it")
    with single_writer(home / "publish.lock", to or "rollback", by):
        kept = [release.release_id for release in list_releases(home)]
        current = _current_id(home)
        if to is None:
            earlier = kept[: kept.index(current)] if current in kept else kept
            if not earlier:
                raise NoSuchRelease(f"no release before {current or 'the first'} is kept")
            to = earlier[-1]
        elif to not in kept:
            raise NoSuchRelease(f"release {to} is not kept; kept are: {', '.join(kept) or 'none'}")
        target = home / RELEASES / to
        _intact_or_raise(target, home)
        fault_point("rollback.switch")
        _point(home, target)
        fault_point("rollback.log")
        history.append(home, "rollback", to, current, by, reason)
    return _describe(target, home, "kept")


def retain(home: Path, keep: int = 14) -> tuple[str, ...]:
    """Remove the oldest releases beyond `keep`, never the current one; returns the removed ids."""
    if keep < 1:
        raise ValueError(f"keep is {keep}; at least one release must be kept")
    with single_writer(home / "publish.lock", "retain", "retain"):
        kept = list_releases(home)
        surplus = max(len(kept) - keep, 0)
        removed = [release.release_id for release in kept if not release.is_current][:surplus]
        for name in removed:
            _remove(home / RELEASES / name)
            fault_point("retain.log")
            history.append(home, "remove", name, _current_id(home), reason=f"retention of {keep}")
    return tuple(removed)


def verify_release(home: Path, release_id: str | None = None) -> Sealed:
    """Measure a kept release (the current one by default) and hold it against its own gate record.

    Raises NoSuchRelease or DamagedRelease.
    """
    name = release_id or _current_id(home)
    if name is None or not (home / RELEASES / name).is_dir():
        raise NoSuchRelease(f"release {name or 'current'} is not kept in {home / RELEASES}")
    return _intact_or_raise(home / RELEASES / name, home)


def _check_id(release_id: str) -> None:
    if not release_id or release_id.startswith(".") or Path(release_id).name != release_id:
        raise ValueError(f"release id {release_id!r} is not usable as a folder name")


def _sweep(releases: Path) -> None:
    """Remove what an interrupted publish or retention left. Safe: the caller holds the publish lock."""
    for prefix in (_INCOMING, _REMOVING):
        for leftover in releases.glob(f"{prefix}*"):
            shutil.rmtree(leftover)


def _same_or_raise(target: Path, sealed: Sealed, home: Path) -> None:
    kept = _intact_or_raise(target, home)
    if kept.content != sealed.content:
        names = sorted(kept.content.keys() | sealed.content.keys())
        differing = [name for name in names if kept.content.get(name) != sealed.content.get(name)]
        raise NonDeterministicRelease(
            f"release {target.name} is already published with other content in {', '.join(differing)}: the "
            "same inputs gave two results. Nothing was changed. Look for now(), random(), unstable ties or "
            "sums of doubles in the models that feed these tables."
        )


def _intact_or_raise(folder: Path, home: Path) -> Sealed:
    """Measure a kept release against its own record (its bytes; the verdict was given at the time)."""
    try:
        record = record_file.read_kept(folder / GATE_JSON, home)
        sealed = measure(folder)
    except (GateRefused, EncryptionError, OSError, ValueError) as error:
        raise DamagedRelease(f"{folder}: {error}") from None
    except Exception as error:  # duckdb.Error: not importable here without loading duckdb
        raise DamagedRelease(f"{folder}: unreadable ({type(error).__name__})") from None
    if record.release_id != folder.name or {f.name: f.sha256 for f in record.files} != {
        f.name: f.sha256 for f in sealed.files
    }:
        raise DamagedRelease(
            f"{folder}: its files are not those its gate record names; roll back to another release, then "
            "remove this folder"
        )
    return sealed


def _point_again(home: Path, target: Path, by: str) -> Release:
    previous = _current_id(home)
    if previous != target.name:
        _point(home, target)
    fault_point("publish.log")
    if all(event.release_id != target.name or event.action != "publish" for event in history.events(home)):
        # An earlier publish was interrupted after its copy was whole: this call completes it.
        history.append(home, "publish", target.name, previous, by)
        return _describe(target, home, "published")
    if previous != target.name:
        history.append(home, "repoint", target.name, previous, by)
    return _describe(target, home, "unchanged")


def _point(home: Path, target: Path) -> None:
    """Atomically make `current` a relative symlink to `target`."""
    for leftover in home.glob(f".{CURRENT}.*"):
        leftover.unlink()  # of a process that died here: the caller holds the publish lock
    link = home / f".{CURRENT}.{os.getpid()}"
    link.symlink_to(target.relative_to(home))
    fault_point("publish.link")
    link.replace(home / CURRENT)
    fs.sync_dir(home)


def _current_id(home: Path) -> str | None:
    try:
        return (home / CURRENT).readlink().name
    except FileNotFoundError:
        return None


def _remove(folder: Path) -> None:
    """Take a folder out of sight by one rename, then delete it."""
    if folder.exists():
        doomed = folder.with_name(f"{_REMOVING}{folder.name.removeprefix(_INCOMING)}")
        if doomed.exists():
            shutil.rmtree(doomed)
        folder.rename(doomed)
        fault_point("retain.hidden")
        shutil.rmtree(doomed)


def _describe(path: Path, home: Path, status: str) -> Release:
    document = json.loads((path / RELEASE_JSON).read_text(encoding="utf-8"))
    return Release(
        release_id=path.name,
        path=path,
        data_as_of=str(document["data_as_of"]),
        built_at=str(datetime.fromisoformat(document["built_at"]).isoformat()),
        is_current=_current_id(home) == path.name,
        status=status,
    )
