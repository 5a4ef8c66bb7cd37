"""A refresh killed before the gate again and again, never cleaned up after, publishes what an undisturbed one does."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
import whole_refresh as whole
from support.seeds import SEED, seeded

from orchestration.faults import POINTS

pytestmark = pytest.mark.faults

# By the functions that the command line calls, before dbt.
EARLY = ["run.linked", "report.write", "archive.copied:2", "ledger.commit:20", "accept.named:3", "history.named",
         "opt_outs.read", "build.opened"]  # fmt: skip
# By the command line; the seed draws one of them, because each costs up to a whole refresh.
MIDDLE = ["dbt.features.before", "dbt.features.after", "fit.stored", "fit.named", "dbt.goals.before",
          "dbt.goals.after", "seal.file:2"]  # fmt: skip


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


def test_a_refresh_killed_on_its_way_to_the_gate_converges_to_the_undisturbed_release(
    second_day: Path, undisturbed: Path
) -> None:
    home, draw = second_day, seeded("chain")
    first, old = whole.content(home), (home / "current").readlink().name
    with whole.reading(home) as reads:
        for number, point in enumerate(EARLY):
            assert whole.resumed(home, f"early-{number}", "begin", "open_build", point) == whole.KILLED, point
            whole.assert_untouched(home, first, point)
        for point in ["fit.written", draw.choice(MIDDLE)]:
            assert whole.run(home, "refresh", fault=whole.killing(point)).code == whole.KILLED, f"{point} (seed {SEED})"
            whole.assert_untouched(home, first, point)
        for alone in (True, False):
            at = draw.uniform(0.5, 20)
            killed_at_random(home, at, alone=alone)
            whole.assert_untouched(home, first, f"{at:.1f} s of dbt")
        last = whole.run(home, "refresh")
    assert last.code == 0, last.out + last.err
    whole.assert_converged(home, undisturbed, old, reads)


def test_every_declared_point_is_passed_in_a_refresh(undisturbed: Path) -> None:
    passed = set(undisturbed.with_name("trace").read_text().split())
    assert passed == {point.name for point in POINTS.values() if point.during == "refresh"}
