"""A refresh killed again and again, never cleaned up after, publishes in the end what an undisturbed one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import whole_refresh as whole
from support.seeds import SEED, seeded

from orchestration.faults import POINTS
from orchestration.publish import history
from orchestration.publish.lock import current_holder
from orchestration.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults
RESUME = str(Path(__file__).with_name("resume.py"))

# By the functions that the command line calls, before dbt.
EARLY = ["run.linked", "report.write", "archive.copied:2", "ledger.commit:20", "accept.named:3", "history.named",
         "opt_outs.read", "build.opened"]  # fmt: skip
# By the command line; the seed draws one of them, because each costs up to a whole refresh.
MIDDLE = ["dbt.features.before", "dbt.features.after", "fit.stored:2", "fit.named", "dbt.goals.before",
          "dbt.goals.after", "seal.file:2"]  # fmt: skip
# By the functions again, on what a refresh killed at the very gate has left.
SEALING = ["seal.file:1", "seal.file:2", "seal.described"]
PUBLISHING = ["sweep", "copy", "verify", "record", "rename", "switch", "link", "log", "retain"]
NEW_FROM = PUBLISHING.index("log")  # from here on readers follow the new release


def spec(point: str) -> str:
    name, _, at = point.partition(":")
    return f"{name}:kill:{at or 1}"


def resumed(home: Path, run_id: str, first: str, last: str, point: str) -> int:
    """Do some steps of a run in a process that dies at ``point``."""
    done = subprocess.run(
        [sys.executable, RESUME, run_id, first, last], cwd=PROJECT_ROOT, check=False, capture_output=True, text=True,
        env=whole.environment(home, spec(point)),
    )  # fmt: skip
    assert done.returncode in (0, whole.KILLED), done.stderr
    return done.returncode


def assert_untouched(home: Path, expected: dict[tuple[str, str], tuple[int, str, str]], where: str) -> None:
    """The current release is whole and says what it said."""
    assert whole.content(home) == expected, f"after {where} (seed {SEED})"
    assert current_holder(home / "refresh.lock") is None, f"after {where} (seed {SEED})"


def killed_at_random(home: Path, at: float, *, alone: bool) -> None:
    """Kill a refresh some seconds after dbt has begun; ``alone``: dbt is left to notice by itself."""
    known = set((home / "build").glob("*/dbt_features"))
    process = whole.start(home, "refresh")
    while not set((home / "build").glob("*/dbt_features")) - known:
        assert process.poll() is None, "it ended before dbt began"
        time.sleep(0.05)
    time.sleep(at)
    os.kill(process.pid, signal.SIGKILL) if alone else whole.kill_group(process)
    process.wait()
    assert not whole.lives_on(process), f"dbt outlived its refresh, killed {at:.1f} s into it (seed {SEED})"


def newest_run(home: Path) -> str:
    return max((p.parent for p in (home / "build").glob("*/candidate")), key=lambda p: p.stat().st_mtime).name


def test_a_refresh_killed_everywhere_converges_to_the_undisturbed_release(second_day: Path, undisturbed: Path) -> None:
    home, draw = second_day, seeded("chain")
    first = whole.content(home)
    old = (home / "current").readlink().name
    with whole.reading(home) as reads:
        for number, point in enumerate(EARLY):
            assert resumed(home, f"early-{number}", "begin", "open_build", point) == whole.KILLED, point
            assert_untouched(home, first, point)
        for point in ["fit.written:3", draw.choice(MIDDLE)]:
            assert whole.run(home, "refresh", fault=spec(point)).code == whole.KILLED, f"{point} (seed {SEED})"
            assert_untouched(home, first, point)
        for alone in (True, False):
            at = draw.uniform(0.5, 20)
            killed_at_random(home, at, alone=alone)
            assert_untouched(home, first, f"{at:.1f} s of dbt")
        assert whole.run(home, "refresh", fault="gate.recorded:kill").code == whole.KILLED
        run_id = newest_run(home)
        for point in SEALING:
            assert resumed(home, run_id, "seal", "seal", point) == whole.KILLED, point
            assert_untouched(home, first, point)
        assert resumed(home, run_id, "seal", "audit", "gate.examined") == whole.KILLED
        assert_untouched(home, first, "gate.examined")
        assert resumed(home, run_id, "audit", "publish", "publish.sweep") == whole.KILLED
        for point in PUBLISHING[:NEW_FROM]:
            assert resumed(home, run_id, "publish", "publish", f"publish.{point}") == whole.KILLED, point
            assert_untouched(home, first, point)
        for point in PUBLISHING[NEW_FROM:]:
            assert resumed(home, run_id, "publish", "publish", f"publish.{point}") == whole.KILLED, point
            assert (home / "current").readlink().name != old
        last = whole.run(home, "refresh", "--json")
    assert last.code == 0, last.out + last.err
    assert last.json()["release_id"] == (undisturbed / "current").readlink().name
    assert whole.content(home) == whole.content(undisturbed), f"seed {SEED}"
    new = (home / "current").readlink().name
    assert [e.release_id for e in history.events(home)] == [old, new]
    assert history.tampered_lines(home) == ()
    assert whole.nameless(home) == whole.nameless(undisturbed) == []
    assert reads.wrong == []
    assert whole.each_once(reads.releases) == [old, new]
    print(f"{len(reads.releases)} reads of every file, none torn, none failed (seed {SEED})")


def test_every_declared_point_is_passed_in_a_refresh(undisturbed: Path) -> None:
    passed = set(undisturbed.with_name("trace").read_text().split())
    assert passed == {point.name for point in POINTS.values() if point.during == "refresh"}
