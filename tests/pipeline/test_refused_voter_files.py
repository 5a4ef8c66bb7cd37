"""A voter file that is not what it should be is refused with its reason; the last good one stays in use.

Each state's second day is spoilt in one way, on top of an accepted first day. Only the ingest runs, with the real
gate. Every spoilt file holds a canary surname, which may be named nowhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from deliveries import (
    CANARY,
    STATES,
    Bytes,
    Layout,
    Rows,
    accented,
    members,
    missing_column,
    new_column,
    put,
    spoil,
    swapped_data,
    swapped_header,
)
from pipeline_homes import DAYS

from orchestration.ingest.ledger import Ledger
from orchestration.ingest.run import DeliveryOutcome, deliveries_in_use, ingest_source, open_accepted

FIRST, SECOND = DAYS[0], DAYS[1]
WITH_HEADER = ("nc", "oh", "va")


@dataclass
class Bench:
    """Homes in which the first day of each state was accepted, made when first asked for."""

    root: Path
    sample: Path
    homes: dict[str, Path] = field(default_factory=dict)

    def ready(self, layout: Layout) -> Path:
        if layout.state not in self.homes:
            home = self.root / layout.state
            put(home / "landing" / layout.source / FIRST, self.first(layout))
            (outcome,) = ingest_source(home, layout.contract, threads=2)
            assert outcome.status == "accepted", outcome.cause
            self.homes[layout.state] = home
        return self.homes[layout.state]

    def first(self, layout: Layout) -> Bytes:
        return members(self.sample / "landing" / layout.source / FIRST)

    def second(self, layout: Layout) -> Bytes:
        return members(self.sample / "landing" / layout.source / SECOND)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Bench:
    return Bench(tmp_path_factory.mktemp("refusals"), sample)


@pytest.fixture
def layout(request: pytest.FixtureRequest) -> Layout:
    return Layout(request.param)


def each(*states: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("layout", states, indirect=True)


def refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str], files: Bytes, *codes: str
) -> str:
    """Deliver ``files`` as the second day; it must be refused with one of ``codes`` and change nothing."""
    home = tmp_path / "home"
    shutil.copytree(bench.ready(layout), home)
    before = deliveries_in_use(home, {layout.source: layout.contract})
    put(home / "landing" / layout.source / SECOND, files)
    outcomes = ingest_source(home, layout.contract, threads=2)
    outcome = next(o for o in outcomes if str(o.snapshot_date) == SECOND)
    cause = str(outcome.cause)
    assert outcome.status == "refused", (cause, outcome.lines, outcome.accepted)
    assert any(f"[{code}]" in cause for code in codes), cause
    assert layout.source in cause
    assert_untouched(home, layout, before)
    said = capfd.readouterr()
    assert_no_person_is_named(home, outcome, said.out + said.err)
    return cause


def assert_untouched(home: Path, layout: Layout, before: list[dict[str, object]]) -> None:
    """The first day is in use, alone, with all its voters."""
    assert deliveries_in_use(home, {layout.source: layout.contract}) == before
    assert [str(d["snapshot_date"]) for d in before] == [FIRST]
    with duckdb.connect() as con:
        open_accepted(con, home, {layout.source: layout.contract})
        spans = con.execute(
            f"select count(*), count(valid_to), min(valid_from)::varchar, max(valid_from)::varchar "
            f"from accepted.{layout.source}"
        ).fetchone()
    rows = before[0]["table_rows"]
    assert isinstance(rows, dict)
    assert spans == (rows[layout.source], 0, FIRST, FIRST)


def assert_no_person_is_named(home: Path, outcome: DeliveryOutcome, said: str) -> None:
    """Neither in what is printed, nor in any check's words, nor anywhere in the ledger."""
    assert CANARY not in f"{outcome.cause} {outcome.checks} {said}"
    with Ledger(home / "ledger.sqlite") as ledger:
        known = (ledger.deliveries(), ledger.steps(outcome.delivery_id), ledger.check_results(outcome.delivery_id))
    assert CANARY not in str(known)
    for path in home.glob("ledger.sqlite*"):
        assert CANARY.encode() not in path.read_bytes()


def cells(layout: Layout, change: Callable[[Layout, Rows], None]) -> Callable[[Rows], None]:
    return lambda table: change(layout, table)


@each(*STATES)
def test_the_next_day_as_it_came_is_accepted(bench: Bench, layout: Layout, tmp_path: Path) -> None:
    # Without this, everything below could be refused for a reason of the test's own making.
    home = tmp_path / "home"
    shutil.copytree(bench.ready(layout), home)
    put(home / "landing" / layout.source / SECOND, spoil(layout, bench.second(layout), lambda table: None))
    outcomes = ingest_source(home, layout.contract, threads=2)
    assert [(str(o.snapshot_date), o.status) for o in outcomes] == [(FIRST, "accepted"), (SECOND, "accepted")], outcomes


@each(*WITH_HEADER)
def test_a_new_column_is_refused_by_its_name(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, new_column))
    assert "column shoe_size" in refused(bench, layout, tmp_path, capfd, files, "undeclared_column")


@each("fl", "pa")
def test_a_new_column_without_header_is_refused_by_the_number_of_fields(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, new_column))
    cause = refused(bench, layout, tmp_path, capfd, files, "too_many_malformed", "too_many_quarantined")
    assert "fields" in cause


@each(*WITH_HEADER)
def test_a_missing_column_is_refused_by_its_name(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, missing_column))
    cause = refused(bench, layout, tmp_path, capfd, files, "missing_column")
    assert "column first_name" in cause.lower()


@each("fl", "pa")
def test_a_missing_column_without_header_is_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # Pennsylvania's older files lack the last field: one less is lawful, what moved is not.
    files = spoil(layout, bench.second(layout), cells(layout, missing_column))
    refused(
        bench, layout, tmp_path, capfd, files, "too_many_malformed", "too_many_quarantined", "wrong_state",
        "no_content_date", "columns_changed", "gate",
    )  # fmt: skip


@each(*WITH_HEADER)
def test_columns_swapped_in_the_header_are_refused_by_their_names(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, swapped_header))
    cause = refused(bench, layout, tmp_path, capfd, files, "column_order", "columns_changed").lower()
    assert "last_name" in cause
    assert "first_name" in cause


@each(*STATES)
def test_values_swapped_under_their_columns_are_refused_by_the_columns_names(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, swapped_data))
    cause = refused(bench, layout, tmp_path, capfd, files, "columns_changed")
    assert "last" in cause
    assert "first" in cause


@each(*STATES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_another_encoding_than_agreed_is_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str], encoding: str
) -> None:
    files = spoil(layout, bench.second(layout), cells(layout, accented), encoding)
    cause = refused(bench, layout, tmp_path, capfd, files, "wrong_encoding")
    assert "expected latin-1" in cause
    assert f"found {encoding}" in cause


@each(*STATES)
def test_a_file_cut_within_a_line_is_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.second(layout), lambda table: None)
    last = [name for name in files if layout.is_voters(name)][-1]
    files[last] = files[last][:-12]
    cause = refused(bench, layout, tmp_path, capfd, files, "cut_short")
    assert last in cause
    assert "line" in cause


@each(*STATES)
def test_a_file_cut_between_lines_is_refused_by_how_much_it_fell(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def halve(table: Rows) -> None:
        del table.rows[max(1, len(table.rows) // 2) :]

    files = spoil(layout, bench.second(layout), halve)
    assert "fell from" in refused(bench, layout, tmp_path, capfd, files, "rows_fell")


@each("nc", "fl", "pa")
def test_an_archive_cut_short_is_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str], sample: Path
) -> None:
    (archive,) = (sample / "landing" / layout.source / SECOND).iterdir()
    content = archive.read_bytes()
    files = {archive.name: content[: len(content) * 2 // 3]}
    assert archive.name in refused(bench, layout, tmp_path, capfd, files, "damaged_archive", "bad_archive")


@each(*STATES)
def test_another_states_file_is_refused_and_its_own_place_is_named(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = Layout(STATES[(STATES.index(layout.state) + 1) % len(STATES)])
    files = spoil(other, bench.second(other), lambda table: None)
    cause = refused(
        bench, layout, tmp_path, capfd, files, "unexpected_file", "not_this_file", "missing_part", "undeclared_column"
    )
    assert f"It looks like a file of {other.source}: move it there" in cause


@each(*STATES)
def test_another_states_rows_under_this_states_file_names_are_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    other = Layout(STATES[(STATES.index(layout.state) + 1) % len(STATES)])
    strange = spoil(other, bench.second(other), lambda table: None)
    content = next(strange[name] for name in strange if other.is_voters(name))
    files = {n: content if layout.is_voters(n) else c for n, c in bench.second(layout).items()}
    refused(
        bench, layout, tmp_path, capfd, files, "not_this_file", "no_header", "undeclared_column",
        "too_many_malformed", "too_many_quarantined", "wrong_state",
    )  # fmt: skip


@each(*STATES)
def test_yesterdays_bytes_under_todays_date_are_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cause = refused(bench, layout, tmp_path, capfd, bench.first(layout), "stale_resend")
    assert FIRST in cause


@each(*STATES)
def test_yesterdays_content_in_other_bytes_is_refused(
    bench: Bench, layout: Layout, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = spoil(layout, bench.first(layout), lambda table: None)
    cause = refused(bench, layout, tmp_path, capfd, files, "stale_content")
    assert f"expected later than {FIRST}" in cause
