"""A taking-in killed at any point leaves the deliveries that were in use, and ends where an undisturbed one does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import ingest_support as support
import interrupted
import pytest
from support.forking import KILLED, Forks
from support.seeds import SEED, some_by_default

from orchestration import faults
from orchestration.ingest.ledger import Ledger, Status

TAKE = "interrupted:take"
COMMITS = 9  # the transactions of taking in one delivery, from the first look at its file to its acceptance
POINTS = [
    "archive.open", "archive.copied", "archive.stored", "parse.started", "parse.written", "manifest.written",
    "accept.named", "accept.decide", "history.written", "history.named",
    *(f"ledger.commit:{n}" for n in range(1, COMMITS + 1)), *(f"ledger.committed:{n}" for n in range(1, COMMITS + 1)),
]  # fmt: skip


def spec(point: str, action: str = "kill") -> str:
    name, _, at = point.partition(":")
    return f"{name}:{action}:{at or 1}"


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    modules = ["ingest_support", "interrupted", "polars", "orchestration.ingest.run"]
    with Forks([Path(__file__).parent], modules) as server:
        yield server


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the first day in use and the second in landing. Copy it."""
    home = tmp_path_factory.mktemp("before") / "home"
    interrupted.first_day(home)
    interrupted.second_day(home)
    return home


@pytest.fixture(scope="module")
def undisturbed(before: Path) -> Path:
    home = Path(shutil.copytree(before, before.with_name("undisturbed")))
    interrupted.take(str(home))
    return home


@pytest.fixture
def home(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "home"))


def assert_same(home: Path, undisturbed: Path) -> None:
    assert interrupted.rows(home) == interrupted.rows(undisturbed)
    assert interrupted.decided(home) == interrupted.decided(undisturbed)
    assert interrupted.quarantined(home) == interrupted.quarantined(undisturbed)
    assert interrupted.strays(home) == []


def test_a_delivery_has_as_many_transactions_as_are_tested(before: Path, home: Path) -> None:
    passed: list[str] = []

    class Counter:
        def strike(self) -> None:
            passed.append("")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(faults._armed, "ledger.commit", Counter())  # type: ignore[arg-type]
        interrupted.take(str(home))
    assert len(passed) == COMMITS


@pytest.mark.parametrize("point", some_by_default(POINTS, 5, "ingest"))
def test_a_killed_taking_in_leaves_the_old_rows_or_the_new_and_converges(
    forks: Forks, home: Path, before: Path, undisturbed: Path, point: str
) -> None:
    assert forks.run(TAKE, str(home), fault=spec(point)) == KILLED, f"{point} was not reached (seed {SEED})"
    with Ledger(home / "ledger.sqlite") as ledger:
        days = [str(d.snapshot_date) for d in ledger.accepted("tiny_voters")]
    assert days in ([support.DAY1], [support.DAY1, support.DAY2])
    if days == [support.DAY1]:
        assert interrupted.rows(home) == interrupted.rows(before)
    assert forks.run(TAKE, str(home)) == 0
    assert_same(home, undisturbed)
    once = interrupted.ledger(home)
    assert forks.run(TAKE, str(home)) == 0
    assert interrupted.ledger(home) == once


@pytest.mark.parametrize("action", ["enospc", "eacces"])
@pytest.mark.parametrize("point", some_by_default(["archive.copied", "ledger.commit:4", "manifest.written"], 1, "full"))
def test_a_disk_that_fails_while_taking_in_is_no_verdict_on_the_delivery(
    forks: Forks, home: Path, undisturbed: Path, point: str, action: str
) -> None:
    assert forks.run(TAKE, str(home), fault=spec(point, action)) == 1
    with Ledger(home / "ledger.sqlite") as ledger:
        assert ledger.deliveries("tiny_voters", Status.REFUSED) == []
    assert forks.run(TAKE, str(home)) == 0
    assert_same(home, undisturbed)


@pytest.mark.faults
def test_killed_at_every_point_in_turn_without_cleaning_it_still_converges(
    forks: Forks, home: Path, undisturbed: Path
) -> None:
    for point in POINTS:
        assert forks.run(TAKE, str(home), fault=spec(point)) in (KILLED, 0), point
    assert forks.run(TAKE, str(home)) == 0
    assert_same(home, undisturbed)


def test_a_delivery_in_use_that_was_being_read_anew_when_killed_is_read_from_the_archive(
    forks: Forks, home: Path, undisturbed: Path
) -> None:
    interrupted.take(str(home))
    with Ledger(home / "ledger.sqlite") as ledger:
        known = ledger.accepted("tiny_voters")
        for row in known:  # as a contract with another way to read it would
            ledger.update(row.id, parser_version="another")
    for row in known:
        shutil.rmtree(home / "archive" / "accepted" / "tiny_voters" / f"{row.snapshot_date}-{row.content_sha256[:12]}")
    shutil.rmtree(home / "landing")
    assert forks.run(TAKE, str(home), fault="parse.written:kill") == KILLED
    assert forks.run(TAKE, str(home), fault="manifest.written:kill") == KILLED
    assert forks.run(TAKE, str(home)) == 0
    assert interrupted.rows(home) == interrupted.rows(undisturbed)


def test_no_delivery_is_in_use_without_the_step_that_opt_outs_are_read_by(
    forks: Forks, home: Path, tmp_path: Path
) -> None:
    code, n = KILLED, 0
    while code == KILLED:  # after every transaction in turn, until there are no more
        n += 1
        copy = Path(shutil.copytree(home, tmp_path / f"copy{n}"))
        code = forks.run(TAKE, str(copy), fault=f"ledger.committed:kill:{n}")
        with Ledger(copy / "ledger.sqlite") as ledger:
            assert {d.id for d in ledger.accepted("tiny_voters")} <= {d.id for d in ledger.ever_accepted("tiny_voters")}
