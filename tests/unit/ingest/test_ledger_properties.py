"""In whatever order deliveries arrive, the same ones are in use; a correction lasts; twice is once."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import strategies as st
from ingest_support import contract, drop, take, ticking
from ingest_support import text as file_of
from property_support import fingerprint, pass_all, property_of

from orchestration.contracts.model import Contract, Kind
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.run import DeliveryOutcome, accepted_views, deliveries_in_use

NO_LIMITS: dict[str, Any] = {"asOf": None, "maxFallShare": None, "maxColumnChangeShare": None}
SOURCES = {
    "voters": contract(**NO_LIMITS),
    "snapshot": contract(**NO_LIMITS, kind="snapshot"),
    "accumulate": contract(**NO_LIMITS, kind="accumulate", reader={"order": "by_name"}),
}
DAYS = ("2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04")
NAMES = ("Ash", "Birch", "Cedar")
# Who is in a file, and under which name.
PEOPLE = st.dictionaries(st.sampled_from("123456"), st.sampled_from(NAMES), min_size=1)


class Home:
    """A home that takes one delivery at a time."""

    def __init__(self, folder: str, made: Contract) -> None:
        self.path, self.made, self.clock = Path(folder), made, ticking()

    def deliver(self, day: str, people: dict[str, str]) -> DeliveryOutcome:
        """Put a file into its folder, in place of what lies there, and take in what has landed."""
        drop(self.path, day, content(people))
        return next(o for o in self.take() if str(o.snapshot_date) == day)

    def take(self) -> list[DeliveryOutcome]:
        return take(self.path, self.made, gate=pass_all, clock=self.clock)

    def in_use(self) -> list[tuple[str, str]]:
        found = deliveries_in_use(self.path, {"tiny_voters": self.made})
        return [(str(d["snapshot_date"]), str(d["delivery_id"])) for d in found]

    def rows(self) -> tuple[int, int]:
        with duckdb.connect() as con:
            return fingerprint(con, accepted_views(self.path, {"tiny_voters": self.made})["tiny_voters"])

    def versions(self) -> list[tuple[Any, ...]]:
        select = accepted_views(self.path, {"tiny_voters": self.made})["tiny_voters"]
        return duckdb.sql(
            f"select voter_id, last_name, valid_from::varchar, valid_to::varchar from ({select}) order by all"
        ).fetchall()


def content(people: dict[str, str]) -> str:
    return file_of([[v, name, "A", "01", "12345", "2020-01-01", "XX"] for v, name in sorted(people.items())])


def at_home(made: Contract, test: Callable[[Home], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        test(Home(folder, made))


@property_of(kind=st.sampled_from(sorted(SOURCES)), files=st.lists(PEOPLE, min_size=2, max_size=3), data=st.data())
def test_any_order_of_arrival_ends_with_the_same_deliveries_in_use_and_the_same_rows(
    kind: str, files: list[dict[str, str]], data: st.DataObject
) -> None:
    made = SOURCES[kind]
    if made.kind is Kind.VOTERS:
        # The same voter file under two dates is a mistake of the sender's: whichever comes first claims its bytes.
        files = list({content(f): f for f in files}.values())
    arrivals = data.draw(st.permutations(list(zip(DAYS, files, strict=False))))
    ends = []
    for one_by_one in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(folder, made)
            for day, people in arrivals:
                if one_by_one:
                    assert home.deliver(day, people).status in ("accepted", "duplicate")
                else:
                    drop(home.path, day, content(people))
            home.take()
            ends.append((home.in_use(), home.rows(), home.versions() if made.kind is Kind.VOTERS else []))
    assert ends[0] == ends[1]


@property_of(kind=st.sampled_from(sorted(SOURCES)), files=st.lists(PEOPLE, min_size=1, max_size=2))
def test_taking_in_twice_is_taking_in_once(kind: str, files: list[dict[str, str]]) -> None:
    def test(home: Home) -> None:
        for day, people in zip(DAYS, files, strict=False):
            drop(home.path, day, content(people))
        first = [(o.delivery_id, o.status, o.lines, o.accepted) for o in home.take()]
        with Ledger(home.path / "ledger.sqlite") as ledger:
            before = (ledger.deliveries(), [ledger.steps(o[0]) for o in first])
        rows = home.rows()
        assert [(o.delivery_id, o.status, o.lines, o.accepted) for o in home.take()] == first
        with Ledger(home.path / "ledger.sqlite") as ledger:
            assert (ledger.deliveries(), [ledger.steps(o[0]) for o in first]) == before
        assert home.rows() == rows

    at_home(SOURCES[kind], test)


@property_of(
    kind=st.sampled_from(["snapshot", "accumulate", "voters"]),
    events=st.lists(st.tuples(st.sampled_from(DAYS[:2]), st.integers(0, 2)), min_size=1, max_size=4),
)
def test_a_correction_lasts_and_what_it_corrected_never_comes_back(kind: str, events: list[tuple[str, int]]) -> None:
    def test(home: Home) -> None:
        last: dict[str, int] = {}
        for day, variant in events:
            # Every variant of a day differs from all others.
            people = {"1": NAMES[variant], "2": "Ash", str(DAYS.index(day) + 3): "Elm"}
            known = seen.setdefault(day, [])
            if variant not in known:
                known.append(variant)
                last[day] = variant
            outcome = home.deliver(day, people)
            assert outcome.status == ("accepted" if variant == last[day] else "superseded")
            with Ledger(home.path / "ledger.sqlite") as ledger:
                accepted = ledger.accepted("tiny_voters")
            assert sorted(str(row.snapshot_date) for row in accepted) == sorted(last)
            names = {
                str(row.snapshot_date): duckdb.sql(
                    f"select last_name from read_parquet('{path}') where voter_id = '1'"
                ).fetchall()
                for row in accepted
                for path in (home.path / "archive" / "accepted").glob(
                    f"tiny_voters/{row.snapshot_date}-{row.id.rsplit('/', 1)[1]}/tiny_voters.parquet"
                )
            }
            assert names == {day: [(NAMES[variant],)] for day, variant in last.items()}

    seen: dict[str, list[int]] = {}
    at_home(SOURCES[kind], test)


@property_of(states=st.lists(PEOPLE, min_size=2, max_size=3, unique_by=lambda p: content(p)))
def test_a_voters_versions_never_overlap_and_hold_each_snapshot_exactly(states: list[dict[str, str]]) -> None:
    def test(home: Home) -> None:
        days = DAYS[: len(states)]
        for day, people in zip(days, states, strict=True):
            drop(home.path, day, content(people))
        home.take()
        found = home.versions()
        for day, people in zip(days, states, strict=True):
            valid = [(v, n) for v, n, since, until in found if since <= day and (until is None or day < until)]
            assert sorted(valid) == sorted(people.items())
        spans = sorted((v, since, until or "9999") for v, _, since, until in found)
        for (v, since, until), (w, later, _) in itertools.pairwise(spans):
            assert since < until
            assert v != w or until <= later
        # Nobody has a version that no snapshot shows, and two neighbouring versions differ.
        shown = {(v, n) for people in states for v, n in people.items()}
        assert {(v, n) for v, n, *_ in found} == shown
        after = {(v, since): n for v, n, since, _ in found}
        assert all(after.get((v, until)) != n for v, n, _, until in found if until)

    at_home(SOURCES["voters"], test)
