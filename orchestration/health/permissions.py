"""Who may read and change what lies in a home."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from orchestration.health.findings import Finding, Level, judged
from orchestration.settings import Settings

# Whole files of people as received, or made from them; readers of a release need none of these.
PRIVATE = ("archive", "build", "exports", "profiles", "secrets")
_OTHERS, _OTHERS_WRITE, _ANY_BUT_OWNER = 0o007, 0o022, 0o077


def writable(settings: Settings) -> Iterator[Finding]:
    """Whether the user who asks may write where a refresh writes."""
    paths = settings.paths
    for folder in (paths.home, paths.landing, paths.archive, paths.releases):
        probe = folder if folder.exists() else paths.home.parent
        yield judged(
            f"folder {folder.name}", os.access(probe, os.W_OK),
            f"{folder} {'' if folder.exists() else '(not made yet)'}".strip(),
            f"make {probe} writable for the user who runs the refresh",
        )  # fmt: skip


def private(settings: Settings) -> Iterator[Finding]:
    """Whether what holds people is closed to everybody else."""
    home = settings.paths.home
    for name in PRIVATE:
        folder = home / name
        if folder.is_dir():
            mode = stat.S_IMODE(folder.stat().st_mode)
            yield judged(f"{name} is private", mode & _OTHERS == 0, oct(mode), f"chmod o-rwx {folder}")
    if settings.paths.landing.is_dir():
        mode = stat.S_IMODE(settings.paths.landing.stat().st_mode)
        yield judged(
            "landing is private", mode & _OTHERS == 0, oct(mode),
            f"whole voter files lie there: chmod o-rwx {settings.paths.landing}, and let who delivers write by group",
            Level.WARN,
        )  # fmt: skip
    yield _keys(home / "secrets")
    yield _restricted(settings.paths.releases)
    yield _changeable(settings)


def _keys(folder: Path) -> Finding:
    files = [p for p in folder.rglob("*") if p.is_file()] if folder.is_dir() else []
    open_ones = [p for p in [*([folder] if folder.is_dir() else []), *files] if _mode(p) & _ANY_BUT_OWNER]
    said = f"{len(files)} file(s), for their owner only" if files else "none"
    return judged(
        "keys", not open_ones, _named(open_ones) or said, "chmod 700 the folder and 600 each key; then renew it"
    )


def _restricted(releases: Path) -> Finding:
    from orchestration.publish.candidate import GENERAL_FILE

    files = [p for p in releases.glob("[!.]*/*.duckdb") if p.name != GENERAL_FILE]
    open_ones = [p for p in files if _mode(p) & _OTHERS]
    return judged(
        "restricted files of releases", not open_ones,
        _named(open_ones) or f"{len(files)} file(s), closed to other users",
        "chmod o-rwx them; give a team access by group",
    )  # fmt: skip


def _changeable(settings: Settings) -> Finding:
    """Nobody but the owner may change what readers trust, or replace the folders that hold it."""
    paths = settings.paths
    names = (paths.home, paths.releases, paths.home / "ledger.sqlite", paths.home / "releases.jsonl", paths.models)
    places = [p for p in names if p.exists()]
    places += [p for p in paths.releases.rglob("*") if not p.is_symlink()]
    open_ones = [p for p in places if _mode(p) & _OTHERS_WRITE]
    return judged(
        "only the owner may change it", not open_ones, _named(open_ones) or f"{len(places)} files and folders",
        "chmod go-w them: whoever can write there decides what readers see",
    )  # fmt: skip


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def _named(paths: list[Path]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(f"{p} ({oct(_mode(p))})" for p in paths[:3]) + more
