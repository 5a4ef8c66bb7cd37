"""What is installed and how it is set: Python, the lock, telemetry, ports."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from orchestration.health.findings import Finding, Level, judged
from orchestration.settings import PROJECT_ROOT, Settings

PINS = ("duckdb", "dagster", "dbt-core", "dbt-duckdb", "great-expectations", "sqlalchemy", "marshmallow", "polars")


def python() -> Finding:
    """Whether this Python is one that the lock was made for."""
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return judged("Python", ok, platform.python_version(), "use Python 3.11, 3.12 or 3.13")


def fault_points() -> Finding:
    """Whether this environment asks for a refresh that fails on purpose."""
    from orchestration import faults

    asked = faults.asked_for()
    return judged(
        "fault points", asked is None, f"asked for: {asked}" if asked else "off",
        f"unset {faults.FAULT}, {faults.TRACE} and {faults.ALLOWED}: they are for tests, a refresh would fail by them",
    )  # fmt: skip


def locked() -> Iterator[Finding]:
    """The engines one by one, then everything that is installed, against the lock."""
    from orchestration.supply import installed, lockfile

    wanted = lockfile.applying(lockfile.pins(lockfile.read()))
    for name in PINS:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        pin = wanted.get(name)
        yield judged(
            name, pin is not None and found == pin.version, found,
            f"the lock has {pin.version if pin else 'none'}; run `make setup`",
        )  # fmt: skip
    faults = installed.compare(wanted, installed.everything())
    shown = "; ".join(faults[:3]) + (f" and {len(faults) - 3} more" if len(faults) > 3 else "")
    yield judged(
        "everything installed", not faults, shown or f"{len(wanted)} distributions, those of the lock",
        "run `make setup`; `make audit` also looks at licences, known weaknesses and altered files",
    )  # fmt: skip


def telemetry(settings: Settings) -> Iterator[Finding]:
    """Whether each of the four that would report home, or fetch code, is told not to."""
    places = [PROJECT_ROOT / "dagster.yaml", settings.paths.dagster / "dagster.yaml"]
    on = [str(p) for p in places if p.exists() and _yaml(p).get("telemetry", {}).get("enabled", True) is not False]
    yield _off("Dagster telemetry", on, "set telemetry.enabled: false")
    project = PROJECT_ROOT / "dbt_project" / "dbt_project.yml"
    sends = _yaml(project).get("flags", {}).get("send_anonymous_usage_stats", True)
    yield _off("dbt telemetry", [] if sends is False else [str(project)], "set flags.send_anonymous_usage_stats: false")
    yield _off("Great Expectations analytics", _analytics(), "set GX_ANALYTICS_ENABLED=false before it is imported")
    profile = PROJECT_ROOT / "dbt_project" / "profiles.yml"
    on = [f"{profile}: {name}" for name in _INSTALLS if _output(profile).get("settings", {}).get(name) is not False]
    yield _off("DuckDB installing extensions by itself", [*on, *_reader(settings)], "set both to false")


_INSTALLS = ("autoinstall_known_extensions", "autoload_known_extensions")


def _off(what: str, on: list[str], do: str) -> Finding:
    return judged(what, not on, f"on in {', '.join(on)}" if on else "off", do)


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _output(profile: Path) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(_yaml(profile)["winnumber"]["outputs"].values()))
    return found


def _analytics() -> list[str]:
    """The module that imports it switches it off first, whatever the environment says; asked of its source.

    Importing it takes ten seconds, which nobody waits for here; a test imports it and asks.
    """
    source = PROJECT_ROOT / "orchestration" / "gates" / "gx.py"
    text = source.read_text(encoding="utf-8")
    switch = text.find('os.environ["GX_ANALYTICS_ENABLED"] = "false"')
    used = text.find("import great_expectations as")
    return [] if switch >= 0 and (used < 0 or switch < used) else [str(source)]


def _reader(settings: Settings) -> list[str]:
    """What a reader's connection to the current release really has; nothing to ask before the first."""
    from orchestration.publish.reader import open_read_only

    warehouse = settings.paths.current / "warehouse.duckdb"
    if not warehouse.is_file():
        return []
    try:
        with open_read_only(warehouse.resolve()) as con:
            said = {name: con.execute(f"select current_setting('{name}')").fetchone() for name in _INSTALLS}
    except Exception:
        return []  # unreadable: the look at the release says so
    return [f"a reader's connection: {name}" for name, row in said.items() if row is None or row[0]]


def ports() -> Finding:
    """Whether anything of ours listens where other machines reach it."""
    from orchestration.health.listening import listeners, reachable

    found = listeners()
    if found is None:
        return Finding("listening ports", Level.OK, "not looked at: this system has no /proc")
    open_ones = [f"{s.command} (process {s.pid}) on {s.address}" for s in reachable(found)]
    said = f"{len(found)} of ours, on loopback only" if found else "nothing of ours listens"
    return judged(
        "listening ports", not open_ones, "; ".join(open_ones) or said,
        "stop it and start it with --host 127.0.0.1 (`make ui`): it has no login; others reach it by a proxy that has",
    )  # fmt: skip
