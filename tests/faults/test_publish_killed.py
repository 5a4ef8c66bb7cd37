"""A refresh killed from sealing to the last line it writes: readers have the old release or the new one, whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import whole_refresh as whole

pytestmark = pytest.mark.faults
SEALING = ["seal.file:1", "seal.file:2", "seal.described"]
PUBLISHING = ["copy", "verify", "record", "rename", "switch", "link", "log", "retain"]
NEW_FROM = PUBLISHING.index("log")  # from here on readers follow the new release


@pytest.fixture
def at_the_gate(world: Path, undisturbed: Path, tmp_path: Path) -> Path:
    """A home in which everything of the second day is built and nothing of it is published."""
    home = Path(
        shutil.copytree(
            undisturbed,
            tmp_path / "home",
            symlinks=True,
            ignore=shutil.ignore_patterns("dagster", "*.lock", "releases"),
        )
    )
    for name in ("current", "releases.jsonl"):
        (home / name).unlink()
        shutil.copy2(world / "home" / name, home / name, follow_symlinks=False)
    shutil.copytree(world / "home" / "releases", home / "releases")
    return home


def test_a_refresh_killed_at_every_point_behind_dbt_leaves_the_old_release_or_the_new_and_converges(
    at_the_gate: Path, undisturbed: Path
) -> None:
    home = at_the_gate
    run_id = (home / "build" / "active").readlink().name
    first, old = whole.content(home), (home / "current").readlink().name
    with whole.reading(home) as reads:
        for point in SEALING:
            assert whole.resumed(home, run_id, "seal", "seal", point) == whole.KILLED, point
            whole.assert_untouched(home, first, point)
        for steps, point in ((("seal", "audit"), "gate.examined"), (("audit", "audit"), "gate.recorded")):
            assert whole.resumed(home, run_id, *steps, point) == whole.KILLED, point
            whole.assert_untouched(home, first, point)
        assert whole.resumed(home, run_id, "audit", "publish", "publish.sweep") == whole.KILLED
        for point in PUBLISHING[:NEW_FROM]:
            assert whole.resumed(home, run_id, "publish", "publish", f"publish.{point}") == whole.KILLED, point
            whole.assert_untouched(home, first, point)
        for point in PUBLISHING[NEW_FROM:]:
            assert whole.resumed(home, run_id, "publish", "publish", f"publish.{point}") == whole.KILLED, point
            assert whole.content(home) == whole.content(undisturbed)
        last = whole.run(home, "refresh", "--json")
    assert last.code == 0, last.out + last.err
    assert last.json()["published"] == "unchanged"
    whole.assert_converged(home, undisturbed, old, reads)
