"""Fault points are declared, all of them are in the code, and none strikes by accident."""

from __future__ import annotations

import ast
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import faults
from orchestration.settings import PROJECT_ROOT


def called() -> set[str]:
    """The name in every call of fault_point in the code; a part that is filled in reads as ``*``."""
    found = set()
    for path in (PROJECT_ROOT / "orchestration").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fault_point":
                (argument,) = node.args
                parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                found.add("".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts))
    return found


def test_every_call_is_declared_and_every_declared_point_is_called() -> None:
    patterns = {name: re.compile(re.escape(name).replace(r"\*", r"\w+")) for name in called()}
    reached = {name: [point for point in faults.POINTS if p.fullmatch(point)] for name, p in patterns.items()}
    assert [name for name, points in reached.items() if not points] == []
    assert set(faults.POINTS) - {point for points in reached.values() for point in points} == set()


def test_a_point_says_what_has_happened_and_what_has_not() -> None:
    assert all(point.done and point.not_yet and point.name == name for name, point in faults.POINTS.items())


def test_a_point_that_is_not_armed_does_nothing() -> None:
    for name in faults.POINTS:
        faults.fault_point(name)


@pytest.mark.parametrize(
    ("action", "error", "number"),
    [
        ("raise", faults.FaultRaised, None),
        ("enospc", OSError, errno.ENOSPC),
        ("eacces", PermissionError, errno.EACCES),
    ],
)
def test_an_armed_point_fails_as_it_was_told(action: str, error: type[Exception], number: int | None) -> None:
    with faults.armed(f"publish.switch:{action}"):
        faults.fault_point("publish.log")
        with pytest.raises(error) as raised:
            faults.fault_point("publish.switch")
    assert getattr(raised.value, "errno", None) == number
    faults.fault_point("publish.switch")


def test_the_nth_time_is_counted_and_strikes_once() -> None:
    with faults.armed("seal.file:raise:3"):
        faults.fault_point("seal.file")
        faults.fault_point("seal.file")
        with pytest.raises(faults.FaultRaised):
            faults.fault_point("seal.file")
        faults.fault_point("seal.file")


@pytest.mark.parametrize("spec", ["publish.swich:kill", "publish.switch:explode", "publish.switch", "seal.file:kill:0"])
def test_a_misspelt_fault_is_refused_by_its_name(spec: str) -> None:
    with pytest.raises(faults.FaultMisnamed, match=re.escape(spec)), faults.armed(spec):
        pytest.fail("armed")


PASSING = "from orchestration.faults import fault_point; fault_point('publish.switch'); print('alive')"


def passing(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WINNUMBER_FAULT")}
    return subprocess.run(
        [sys.executable, "-c", PASSING], env=kept | environment, cwd=PROJECT_ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_nobody_arms_a_fault_by_one_variable_alone(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert passing(WINNUMBER_FAULT="publish.switch:kill").stdout == "alive\n"
    assert passing(WINNUMBER_FAULT_TRACE=str(trace)).stdout == "alive\n"
    assert not trace.exists()
    allowed = {"WINNUMBER_FAULTS_ALLOWED": "1"}
    assert passing(**allowed, WINNUMBER_FAULT="publish.switch:kill").returncode == -9
    assert passing(**allowed, WINNUMBER_FAULT_TRACE=str(trace)).stdout == "alive\n"
    assert trace.read_text() == "publish.switch\n"
    assert "no fault point" in passing(**allowed, WINNUMBER_FAULT="nowhere:kill").stderr


def test_whoever_looks_can_see_that_a_fault_is_asked_for() -> None:
    assert faults.asked_for({}) is None
    assert faults.asked_for({"WINNUMBER_FAULT": "publish.switch:kill"}) == "publish.switch:kill"
