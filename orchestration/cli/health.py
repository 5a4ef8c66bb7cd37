"""What `winnumber doctor` looks at: each finding says what, what was found, and what to do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from orchestration.settings import PROJECT_ROOT, Settings

PINS = ("duckdb", "dagster", "dbt-core", "dbt-duckdb", "great-expectations", "sqlalchemy", "marshmallow", "polars")
ENOUGH_DISK = 5e9


def examine(settings: Settings) -> list[dict[str, Any]]:
    """Every finding, good and bad."""
    return [
        _python(),
        *_locked(),
        *_folders(settings),
        _disk(settings),
        *_telemetry(),
        _lock(settings),
        _release(settings),
    ]


def _finding(what: str, ok: bool, found: object, do: str = "") -> dict[str, Any]:
    return {"what": what, "ok": ok, "found": str(found), "do": do}


def _python() -> dict[str, Any]:
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return _finding("Python", ok, platform.python_version(), "use Python 3.11, 3.12 or 3.13")


def _locked() -> list[dict[str, Any]]:
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    wanted = dict(line.split(" ")[0].split("==") for line in lock if "==" in line and not line.startswith(" "))
    findings = []
    for name in PINS:
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        findings.append(
            _finding(
                name, installed == wanted.get(name), installed, f"the lock has {wanted.get(name)}; run `make setup`"
            )
        )
    return findings


def _folders(settings: Settings) -> list[dict[str, Any]]:
    findings = []
    for folder in (settings.paths.home, settings.paths.landing, settings.paths.archive, settings.paths.releases):
        probe = folder if folder.exists() else settings.paths.home.parent
        findings.append(
            _finding(
                f"folder {folder.name}",
                os.access(probe, os.W_OK),
                f"{folder} {'' if folder.exists() else '(not made yet)'}".strip(),
                f"make {probe} writable for the user who runs the refresh",
            )
        )
    archive = settings.paths.archive
    if archive.exists():
        mode = archive.stat().st_mode & 0o007
        findings.append(
            _finding("archive is private", mode == 0, oct(archive.stat().st_mode & 0o777), f"chmod o-rwx {archive}")
        )
    return findings


def _disk(settings: Settings) -> dict[str, Any]:
    place = settings.paths.home if settings.paths.home.exists() else settings.paths.home.parent
    free = shutil.disk_usage(place).free
    return _finding(
        "free disk", free > ENOUGH_DISK, f"{free / 1e9:,.1f} GB", "a refresh at a million voters needs about 5 GB"
    )


def _telemetry() -> list[dict[str, Any]]:
    dagster = "enabled: false" in (PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8")
    dbt = "send_anonymous_usage_stats: false" in (PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text(
        encoding="utf-8"
    )
    return [
        _finding("Dagster telemetry", dagster, "off" if dagster else "on", "set telemetry.enabled: false"),
        _finding("dbt telemetry", dbt, "off" if dbt else "on", "set flags.send_anonymous_usage_stats: false"),
    ]


def _lock(settings: Settings) -> dict[str, Any]:
    from orchestration.publish.lock import current_holder

    holder = current_holder(settings.paths.lock)
    return _finding("refresh lock", True, f"held by {holder.who} since {holder.since}" if holder else "free")


def _release(settings: Settings) -> dict[str, Any]:
    from orchestration.publish.errors import DamagedRelease, NoSuchRelease
    from orchestration.publish.releases import current_release, verify_release

    live = None
    try:
        live = current_release(settings.paths.home)
        if live is not None:
            verify_release(settings.paths.home)
    except (DamagedRelease, NoSuchRelease) as error:
        return _finding("current release", False, error, "roll back to a kept release")
    return _finding("current release", True, f"{live.release_id}, as its gate record names it" if live else "none yet")
