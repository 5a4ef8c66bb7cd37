"""A whole refresh asks the network for nothing and works without one; what listens does so on loopback only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import whole_refresh
from support import watched

from orchestration.health.listening import listeners, reachable
from orchestration.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults


def isolated() -> list[str]:
    """What puts a command into a network of its own that holds nothing, where this user and machine can."""
    words = ["unshare", "--net", "--"]
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return []
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    return words if tried.returncode == 0 else []


def test_a_whole_refresh_asks_for_no_network_and_needs_none(second_day: Path, tmp_path: Path) -> None:
    extra, notes = watched.environment(tmp_path)
    done = subprocess.run(
        [*isolated(), whole_refresh.COMMAND, "refresh"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env=whole_refresh.environment(second_day) | extra, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Published release" in done.stderr
    assert watched.asked(notes) == []


def test_the_isolated_network_reaches_nobody() -> None:
    words = isolated()
    if not words:
        pytest.skip("needs root and unshare: without them the refresh is only watched")
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
        assert subprocess.run([*words, sys.executable, "-c", code], capture_output=True, check=False).returncode != 0


def test_the_orchestrators_pages_listen_on_loopback_only(tmp_path: Path) -> None:
    recipe = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8").split("\nui:")[1].split("\n\n")[0]
    said = recipe.splitlines()[-1].split("$(BIN)/")[1].split()
    assert said[said.index("--host") + 1] == "127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said[said.index("--port") + 1] = str(port)
    shutil.copy(PROJECT_ROOT / "dagster.yaml", tmp_path)
    env = whole_refresh.environment(tmp_path) | {"DAGSTER_HOME": str(tmp_path), "WINNUMBER_EVENT_LOG": str(tmp_path)}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name(said[0])), *said[1:]], cwd=PROJECT_ROOT, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 600
        found = []
        while not any(one.port == port for one in found):
            assert process.poll() is None, "it ended before it listened"
            assert time.monotonic() < until
            time.sleep(1)
            found = listeners(pids=_group(process.pid)) or []
        assert reachable(found) == []
    finally:
        whole_refresh.kill_group(process)
        process.wait()


def _group(leader: int) -> list[int]:
    """The processes of a session."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                found.append(int(folder.name))
    return found
