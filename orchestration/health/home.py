"""What lies in a home: room on its disk, what interrupted runs left, what old clients can read."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from orchestration.health.findings import Finding, Level, judged
from orchestration.settings import Settings

# A first refresh at a million voters needs about 5 GB; later ones are measured by the one before.
FIRST_REFRESH = 5_000_000_000
LEAST = 1_000_000_000
# The build, the candidate, the copy of it that becomes the release, and spilling beside them.
TIMES = 3
# DuckDB 1.0 reads storage versions up to 64 (measured 2026-11-23 with 1.5.6: "between 64 and 68").
OLDEST_READABLE = 64
UPLOAD_DAYS = 1


def disk(settings: Settings) -> Finding:
    """Free room against what the last refresh used."""
    home = settings.paths.home
    free = shutil.disk_usage(home if home.exists() else home.parent).free
    last = _used(settings)
    needed = max(TIMES * last, LEAST) if last else FIRST_REFRESH
    basis = f"the last refresh used {last / 1e9:,.2f} GB" if last else "a first one at a million voters needs 5 GB"
    return judged(
        "free disk", free > needed, f"{free / 1e9:,.1f} GB; {basis}, {needed / 1e9:,.1f} GB should be free",
        "make room: `winnumber retain --dry-run` shows what may go, operations.keep_releases how many releases stay",
    )  # fmt: skip


def _used(settings: Settings) -> int:
    """Bytes of the last run's folder and of what it published."""
    active = settings.paths.build / "active"
    folders = [p.resolve() for p in (active, settings.paths.current) if p.exists()]
    return sum(f.stat().st_size for folder in folders for f in folder.rglob("*") if f.is_file())


def storage_version(settings: Settings) -> Finding:
    """Whether the published database files open in clients from DuckDB 1.0 on; read from their first bytes.

    Encrypted ones need 1.4 by their nature and are left out.
    """
    files = sorted(settings.paths.current.glob("*.duckdb"))
    found = {p.name: header_version(p) for p in files if not _is_encrypted(p)}
    new = [f"{name}: {version}" for name, version in found.items() if version is None or version > OLDEST_READABLE]
    said = f"{', '.join(found)}: readable from DuckDB 1.0 on" if found else "nothing is published yet"
    return judged(
        "storage version", not new, f"too new or not DuckDB: {', '.join(new)}" if new else said,
        "publish.seal writes v1.0.0; look for files that something else has put there",
    )  # fmt: skip


def header_version(path: Path) -> int | None:
    """The storage version in a database file's header; None when it is no DuckDB file, or may not be read."""
    try:
        with path.open("rb") as file:
            head = file.read(20)
    except PermissionError:
        return OLDEST_READABLE  # restricted to others: they are told by their own doctor
    return int.from_bytes(head[12:20], "little") if head[8:12] == b"DUCK" else None


def _is_encrypted(path: Path) -> bool:
    from orchestration.publish.encryption import is_encrypted

    try:
        return is_encrypted(path)
    except PermissionError:
        return False


def leftovers(settings: Settings) -> Finding:
    """What an interrupted step left behind; the next refresh removes most of it, unless one is running now."""
    from orchestration.publish.lock import current_holder

    if current_holder(settings.paths.lock) is not None:
        return Finding("leftovers", Level.OK, "not looked at: a refresh is running")
    found = sorted(str(p.relative_to(settings.paths.home)) for p in _left(settings))
    shown = ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
    return judged(
        "leftovers", not found, shown or "none",
        "an interrupted run left them and nothing reads them; a refresh sweeps its own, remove others by hand",
        Level.WARN,
    )  # fmt: skip


def _left(settings: Settings) -> Iterator[Path]:
    paths = settings.paths
    for prefix in (".incoming-*", ".removing-*"):
        yield from paths.releases.glob(prefix)
    yield from paths.archive.glob("objects/.*.part")
    yield from paths.archive.glob("*/*/.*.part")
    yield from paths.build.glob("ingest/*/*")
    yield from (paths.home / "exports").glob(".pending-*")
    yield from paths.home.glob(".restoring")
    old = time.time() - UPLOAD_DAYS * 86400
    yield from (p for p in paths.landing.rglob("*.part") if p.stat().st_mtime < old)


def lock(settings: Settings) -> Finding:
    """Who is refreshing."""
    from orchestration.publish.lock import current_holder

    holder = current_holder(settings.paths.lock)
    if holder is not None:
        return Finding("refresh lock", Level.OK, f"held by {holder.who} since {holder.since} (process {holder.pid})")
    note = settings.paths.lock
    if note.exists() and note.read_text(encoding="utf-8").strip():
        return Finding(
            "refresh lock", Level.WARN, "free; the note of a process that is gone still stands in it",
            "nothing is blocked: the next refresh takes it. Find out why the last one died: build/refresh.log",
        )  # fmt: skip
    return Finding("refresh lock", Level.OK, "free")


def synthetic(settings: Settings) -> Finding:
    """Whether certified totals are replaced by those of a sample, and whether that is right here."""
    from orchestration.demands import delivered
    from orchestration.health.synthetic import synthetic_world

    world = synthetic_world(settings.paths.home, delivered())
    if world is None:
        return Finding("control totals", Level.OK, "the certified ones")
    return Finding(
        "control totals", Level.FAIL if world.strangers else Level.WARN, world.sentence,
        f"remove {world.totals} from a home that takes real results, and run the refresh again",
    )  # fmt: skip
