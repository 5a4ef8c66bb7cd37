"""Bad deliveries of every kind: each gets the right verdict, tells a person why, loses nothing and harms no release.

All kinds are run by ``make test-faults``. A slice of them, drawn by the seed, is part of every test run.
"""

from __future__ import annotations

import ast
import os
import random
from collections.abc import Iterator
from pathlib import Path

import bad_archive_kinds
import bad_feed_kinds
import bad_landing_kinds
import bad_results_kinds
import bad_voter_kinds
import pytest
from bad_checks import check
from bad_kinds import Kind
from bad_world import World

from orchestration.ingest.landing import Remarked

INGEST = Path(__file__).resolve().parents[3] / "orchestration" / "ingest"
KINDS: tuple[Kind, ...] = (
    *bad_voter_kinds.KINDS,
    *bad_archive_kinds.KINDS,
    *bad_landing_kinds.KINDS,
    *bad_results_kinds.KINDS,
    *bad_feed_kinds.KINDS,
)
SEED = int(os.environ.get("WINNUMBER_FAULT_SEED", "1"))
FEWEST, SLICE = 80, 25
# Downloading is no delivery yet: what it refuses is tested beside it (tests/unit/ingest/test_fetch.py).
NO_DELIVERY = {"download.py", "fetch.py"}
# Great Expectations takes ten seconds to load.
DRAWN = random.Random(SEED).sample([kind for kind in KINDS if kind.gate == "quick"], SLICE)


def label(kind: Kind) -> str:
    return kind.name.encode("ascii", "backslashreplace").decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("bad"))


def deliver(
    kind: Kind, world: World, tmp_path: Path, patch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        check(kind, world, tmp_path, patch, capfd)
    except BaseException as error:
        error.add_note(f"bad delivery: {kind.name!r} of {kind.source}; WINNUMBER_FAULT_SEED={SEED}")
        raise


@pytest.mark.parametrize("kind", DRAWN, ids=label)
def test_a_bad_delivery_drawn_from_the_corpus_gets_its_verdict_and_harms_nothing(
    kind: Kind, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    deliver(kind, world, tmp_path, monkeypatch, capfd)


@pytest.mark.faults
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in DRAWN], ids=label)
def test_a_bad_delivery_of_every_other_kind_gets_its_verdict_and_harms_nothing(
    kind: Kind, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    deliver(kind, world, tmp_path, monkeypatch, capfd)


def test_the_corpus_holds_at_least_eighty_kinds_each_under_a_name_of_its_own() -> None:
    assert len(KINDS) >= FEWEST
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_every_verdict_and_every_reason_that_ingest_can_give_has_a_kind() -> None:
    given = {kind.code for kind in KINDS if kind.code} | {kind.verdict for kind in KINDS}
    can = {code for path in sorted(INGEST.glob("*.py")) if path.name not in NO_DELIVERY for code in reasons(path)}
    assert len(can) > 40, "the reasons are no longer found in the source"
    missing = can | set(map(str, Remarked)) | {"accepted", "duplicate", "superseded"}
    assert sorted(missing - given) == []


def test_a_reason_is_a_constant_so_that_it_can_be_found_here(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text('raise DeliveryRefused("made_up", "x")\nraise _refused("other", "y")\n')
    assert set(reasons(tmp_path / "x.py")) == {"made_up", "other"}
    (tmp_path / "y.py").write_text('raise DeliveryRefused(code + "x", "x")\n')
    with pytest.raises(AssertionError, match="no constant"):
        list(reasons(tmp_path / "y.py"))


def reasons(path: Path) -> Iterator[str]:
    """The reason codes that a module raises."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id not in ("DeliveryRefused", "_refused"):
            continue
        code = node.args[0]
        if isinstance(code, ast.Constant):
            yield str(code.value)
            continue
        # The remarks about landing, which an enumeration lists; and the helper that passes its own argument on.
        passed_on = ast.unparse(code) in ("str(remark.why)", "code")
        assert passed_on, f"{path.name}, line {node.lineno}: the reason is no constant"
