"""A command tied to the process that started it ends with that process, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration import settings as config
from orchestration import tied, transform

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties processes")

# Starts tied-dbt as the orchestrator does, with something in dbt's place that outlives everything.
PARENT = """
import os, subprocess, sys, time
os.environ.update(WINNUMBER_PYTHON=sys.executable, WINNUMBER_PARENT=str(os.getpid()), WINNUMBER_DBT=sys.argv[2])
child = subprocess.Popen([sys.argv[1], "60"])
print(child.pid, flush=True)
time.sleep(60)
"""


def is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # dead, and nobody has asked for it yet


def test_a_command_dies_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, transform.tied_dbt(), "/bin/sleep"], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        until = time.monotonic() + 30
        while Path(f"/proc/{child}/comm").read_text().strip() != "sleep":
            assert time.monotonic() < until
            time.sleep(0.01)
        parent.kill()
        parent.wait()
        while is_there(child) and time.monotonic() < until:
            time.sleep(0.01)
        assert not is_there(child)
    finally:
        parent.kill()
        if is_there(child):
            os.kill(child, 9)


def test_a_command_whose_parent_is_gone_already_is_not_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(Path(tied.__file__)), "1", "/bin/touch", str(tmp_path / "made")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "is gone; nothing was run" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_dbt_is_started_tied_and_with_what_that_needs(tmp_path: Path) -> None:
    environment = transform.environment(config.load(tmp_path))
    assert environment["WINNUMBER_PARENT"] == str(os.getpid())
    assert os.access(transform.tied_dbt(), os.X_OK)
    assert Path(environment["WINNUMBER_DBT"]).name == "dbt"
