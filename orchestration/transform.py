"""The dbt project as seen from Python: where it is, how it is run, whether its manifest is fresh.

Belongs here: paths, environment and the manifest of ``dbt_project/``. Does not belong here:
orchestration (``defs``), SQL (``dbt_project``).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings

PROJECT_DIR = PROJECT_ROOT / "dbt_project"
FEATURES = "+tag:features"


class ManifestError(RuntimeError):
    """The dbt project cannot be parsed; the message holds dbt's own words."""


def dbt_executable() -> str:
    """The dbt of this environment, whatever PATH says."""
    return str(Path(sys.executable).with_name("dbt"))


def tied_dbt() -> str:
    """The same dbt as a command that ends when this process does, however it ends (see ``tied.py``)."""
    return str(PROJECT_ROOT / "orchestration" / "tied-dbt")


def build_database(settings: Settings) -> Path:
    """The warehouse under construction, always at the same path.

    ``build/active`` is a link to the run's own folder: dbt parses everything anew when a
    variable of its profile changes, so the path it is told must not.
    """
    return settings.paths.build / "active" / "warehouse.duckdb"


def parsed(settings: Settings) -> Path:
    """The folder of the parsed project."""
    return settings.paths.build / "dbt"


def environment(settings: Settings) -> dict[str, str]:
    """What the dbt profile reads."""
    return {
        "WINNUMBER_BUILD_DB": str(build_database(settings)),
        "WINNUMBER_THREADS": str(settings.engine.threads),
        "WINNUMBER_MEMORY": settings.engine.memory_limit,
        # What tied-dbt runs, and for whom.
        "WINNUMBER_PYTHON": sys.executable,
        "WINNUMBER_DBT": dbt_executable(),
        "WINNUMBER_PARENT": str(os.getpid()),
        # Where a parsed project lies to start from: parsing it anew takes longer than most models.
        "DBT_TARGET_PATH": str(parsed(settings)),
        # A test runs in the part that holds the last of its models, never before they exist.
        "DBT_INDIRECT_SELECTION": "cautious",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def files_hash(files: Iterable[Path], root: Path) -> str:
    """sha256 over the names (below ``root``) and bytes of ``files``."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def project_files() -> list[Path]:
    """Every file of the dbt project that decides what it builds."""
    folders = ("models", "macros", "seeds", "tests")
    files = [p for f in folders for p in (PROJECT_DIR / f).rglob("*") if p.is_file()]
    return [*files, PROJECT_DIR / "dbt_project.yml", PROJECT_DIR / "profiles.yml"]


def code_hash() -> str:
    """sha256 over the code and contracts that decide what a refresh makes of its inputs."""
    code = (PROJECT_ROOT / "orchestration").rglob("*.py")
    contracts = (p for p in (PROJECT_ROOT / "data_contracts").rglob("*") if p.is_file())
    return files_hash([*code, *contracts, *project_files()], PROJECT_ROOT)


def manifest(settings: Settings) -> Path:
    """The manifest, parsed anew only when the project changed or moved; raises ``ManifestError``."""
    target = parsed(settings)
    target.mkdir(parents=True, exist_ok=True)
    path, stamp = target / "manifest.json", target / "manifest.sha256"
    wanted = files_hash(project_files(), PROJECT_DIR) + str(settings.paths.home) + str(PROJECT_DIR)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # With the manifest's own hash, so that one cut short or edited is made anew too.
        if not (path.exists() and stamp.exists() and stamp.read_text() == wanted + _sha256(path)):
            stamp.unlink(missing_ok=True)  # killed halfway, the manifest must not pass for what it was before
            _forget_elsewhere(target)
            _parse(settings, target)
            stamp.write_text(wanted + _sha256(path))
    return path


def _forget_elsewhere(target: Path) -> None:
    """Drop what dbt remembers of a project in another folder: it would look for unchanged seeds there."""
    origin = target / "project.path"
    if not origin.exists() or origin.read_text(encoding="utf-8") != str(PROJECT_DIR):
        (target / "partial_parse.msgpack").unlink(missing_ok=True)
        origin.write_text(str(PROJECT_DIR), encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_severities(settings: Settings) -> dict[str, str]:
    """Every data test of the project, called as its results are (``test_name``), with its severity: error or warn."""
    nodes = json.loads(manifest(settings).read_text())["nodes"].items()
    return {
        test_name(unique_id): str(node["config"].get("severity") or "error").lower()
        for unique_id, node in sorted(nodes)
        if node["resource_type"] == "test"
    }


def test_name(unique_id: str) -> str:
    """What a data test is called in a gate record: dbt's unique id without type and project."""
    return unique_id.split(".", 2)[-1]


@dataclass(frozen=True)
class Shape:
    """A relation's columns (name, type) and, for a table, how many rows it has."""

    columns: tuple[tuple[str, str], ...]
    rows: int | None


def table_shapes(database: Path) -> dict[str, Shape]:
    """The shape of every relation in a database file, by ``schema.name``; views are not counted."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as con:
        found = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by 1, column_index"
        ).fetchall()
        counts = dict(
            con.execute("select schema_name || '.' || table_name, estimated_size from duckdb_tables()").fetchall()
        )
    columns: dict[str, list[tuple[str, str]]] = {}
    for relation, name, kind in found:
        columns.setdefault(relation, []).append((name, kind))
    return {relation: Shape(tuple(named), counts.get(relation)) for relation, named in columns.items()}


def _parse(settings: Settings, target: Path) -> None:
    done = subprocess.run(
        [tied_dbt(), "--quiet", "parse", "--project-dir", str(PROJECT_DIR),
         "--profiles-dir", str(PROJECT_DIR), "--target-path", str(target), "--log-path", str(target / "logs")],
        env={**os.environ, **environment(settings)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ManifestError(f"dbt parse failed:\n{done.stdout}{done.stderr}")
