"""The runbook's commands, executed as they stand, put a home back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kept_homes import RELEASE, files_of, settings_of

from orchestration.keeping import backup_set
from orchestration.keeping.backup import backup
from orchestration.settings import PROJECT_ROOT

RUNBOOK = PROJECT_ROOT / "docs" / "runbooks" / "restore.md"


def blocks() -> list[str]:
    """The runbook's fenced blocks of commands: putting it back, and seeing that it goes on."""
    return re.findall(r"^```sh\n(.*?)^```$", RUNBOOK.read_text(encoding="utf-8"), re.S | re.M)


def execute(script: str, home: Path, backups: Path) -> subprocess.CompletedProcess[str]:
    """Run a block as a shell does for somebody who typed it; it stops at the first command that fails."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WINNUMBER_") and k != "PYTHONDONTWRITEBYTECODE"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return subprocess.run(
        ["sh", "-eu", "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=900,
        env=kept | {"PATH": path, "WINNUMBER_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"),
                    "BACKUPS": str(backups), "KEYS": str(backups.with_name("keys"))},
    )  # fmt: skip


@pytest.fixture
def kept(home: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A folder with a backup of a sound home, and the home as it was."""
    (home / "control_totals.csv").unlink()
    (home / "build").chmod(0o700)
    shutil.rmtree(home / "releases" / ".incoming-x")
    backup(settings_of(home), tmp_path / "backups", by="tests")
    shutil.copytree(home / "secrets", tmp_path / "keys")
    return tmp_path / "backups", home


def test_the_runbook_puts_a_home_back(kept: tuple[Path, Path], tmp_path: Path) -> None:
    backups, before = kept
    done = execute(blocks()[0], tmp_path / "new", backups)
    assert done.returncode == 0, done.stderr
    assert "is whole" in done.stderr
    assert f"Readers see release {RELEASE}" in done.stderr
    assert "FAIL" not in done.stderr
    assert "of which 0 files, 0.0 MB new" in done.stderr  # what was put back is what was there
    same = {n: c for n, c in files_of(tmp_path / "new").items() if not n.endswith(".lock")}
    assert {n: c for n, c in files_of(before).items() if n in same} == same
    assert len(backup_set.backups(backups)) == 2


def test_the_runbook_stops_at_a_damaged_backup_and_names_the_file(kept: tuple[Path, Path], tmp_path: Path) -> None:
    backups, _ = kept
    entry = next(e for e in backup_set.read(backups).entries if e.path == "ledger.sqlite")
    backup_set.object_path(backups, entry.sha256).write_bytes(b"x" * entry.size)
    done = execute(blocks()[0], tmp_path / "new", backups)
    assert done.returncode != 0
    assert "ledger.sqlite" in done.stderr
    assert not (tmp_path / "new").exists()


def test_every_command_of_the_runbooks_exists() -> None:
    from typer.main import get_command

    from orchestration.cli import app, keeping, operating, reading, running  # noqa: F401  (they register commands)

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    for path in (PROJECT_ROOT / "docs" / "runbooks").glob("*.md"):
        said = set(re.findall(r"winnumber ([a-z]+)", path.read_text(encoding="utf-8")))
        assert said
        assert said <= known, path
