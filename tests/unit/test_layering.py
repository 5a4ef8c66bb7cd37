"""Who may import whom, read from the source of every module; and loading the definitions needs no network."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "orchestration"
FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports anywhere in it, for typing too; relative names made whole."""
    package = module_of(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]

    def found() -> Iterator[str]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)

    return tuple(found())


def importers(*names: str) -> set[str]:
    """The modules that import one of ``names`` or something below it."""
    return {
        module_of(path)
        for path in FILES
        if any(used == name or used.startswith(f"{name}.") for used in imports(path) for name in names)
    }


def below(*folders: str) -> set[str]:
    return {module_of(p) for p in FILES if p.relative_to(PACKAGE).parts[0] in folders}


def test_the_reading_of_imports_sees_all_forms() -> None:
    used = set(imports(PACKAGE / "sample" / "write.py"))
    assert {"orchestration.sample.certified", "orchestration.sample.plan.SamplePlan", "numpy"} <= used
    assert "orchestration.defs.build" in imports(PACKAGE / "definitions.py")


@pytest.mark.parametrize("folder", ["compliance", "contracts", "drift", "models", "identity"])
def test_the_inner_layers_know_no_framework(folder: str) -> None:
    frameworks = ("dagster", "dagster_dbt", "dbt", "great_expectations")
    assert importers(*frameworks) & below(folder) == set()


def test_only_defs_imports_dagster() -> None:
    # The command line runs the job in its own process and needs the orchestrator's instance for it: imported when
    # a refresh starts, so that no other command pays for it.
    assert importers("dagster", "dagster_dbt") - below("defs") == {"orchestration.cli.job"}


def test_no_command_pays_for_the_orchestrator_at_start() -> None:
    top = ast.parse((PACKAGE / "cli" / "job.py").read_text(encoding="utf-8")).body
    used = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    used |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    assert not {name for name in used if name.split(".")[0] == "dagster" or name.startswith("orchestration.defs")}


def test_only_gates_imports_great_expectations() -> None:
    assert importers("great_expectations") <= below("gates")


def test_nobody_imports_dbt_as_a_library() -> None:
    # The plugin that dbt loads into its own process is dbt's code as much as ours; nothing of ours loads it.
    assert importers("dbt") == {"orchestration.withhold_dbt"}
    assert importers("orchestration.withhold_dbt") == set()


def test_nobody_imports_defs_or_cli_but_their_own_and_the_wiring() -> None:
    assert importers("orchestration.defs") - below("defs") == {"orchestration.definitions", "orchestration.cli.job"}
    assert importers("orchestration.cli") - below("cli") == set()
    assert importers("orchestration.definitions") == {"orchestration.cli.job"}


def test_the_layers_below_the_refresh_do_not_know_it() -> None:
    lower = below("compliance", "contracts", "drift", "gates", "identity", "ingest", "models", "publish", "sample")
    assert importers("orchestration.refresh", "orchestration.alerts", "orchestration.transform") & lower == set()


def test_below_the_refresh_only_publishing_asks_what_is_demanded() -> None:
    assert importers("orchestration.demands") & below(
        "compliance", "contracts", "gates", "identity", "ingest", "models", "publish", "sample"
    ) == {"orchestration.publish.releases"}


def test_nothing_drags_great_expectations_back() -> None:
    assert importers("dagster_ge") == set()


WITHOUT_NETWORK = """
import socket
def refuse(*words, **more):
    raise AssertionError(f"the network was asked for: {words}")
class NoInternet(socket.socket):
    def connect(self, address):
        if self.family != socket.AF_UNIX:
            refuse(address)
        return super().connect(address)
    connect_ex = connect
socket.socket = NoInternet
socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
from orchestration.definitions import defs
print(len(list(defs.resolve_all_asset_specs())))
"""


def test_loading_the_definitions_asks_for_no_network(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env=kept | {"WINNUMBER_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path)}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 80
