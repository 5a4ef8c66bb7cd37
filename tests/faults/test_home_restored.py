"""A home that was put back from its backup goes on as if nothing had happened."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import whole_refresh

from orchestration.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults


def test_the_runbook_executed_as_it_stands_ends_in_already_current(world: Path, tmp_path: Path) -> None:
    runbook = (PROJECT_ROOT / "docs" / "runbooks" / "restore.md").read_text(encoding="utf-8")
    put_back, goes_on = re.findall(r"^```sh\n(.*?)^```$", runbook, re.S | re.M)
    home, new, backups = tmp_path / "lost", tmp_path / "new", tmp_path / "backups"
    shutil.copytree(world / "home", home, symlinks=True, ignore=shutil.ignore_patterns("*.lock"))
    shutil.copy(world / "sample" / "control_totals.files.json", home)
    (home / "landing").chmod(0o700)
    before = whole_refresh.content(home)
    shutil.copytree(home / "secrets", tmp_path / "keys")
    made = whole_refresh.run(home, "backup", "--to", str(backups))
    assert made.code == 0, made.err
    shutil.rmtree(home)
    kept = {k: v for k, v in whole_refresh.environment(new).items() if k != "PATH"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["sh", "-eu", "-c", put_back + goes_on], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env=kept | {"PATH": path, "BACKUPS": str(backups), "KEYS": str(tmp_path / "keys")}, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "was already current: rebuilt and verified identical" in done.stderr
    assert "FAIL" not in done.stderr
    assert whole_refresh.content(new) == before
