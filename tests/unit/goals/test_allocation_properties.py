"""Properties of the largest remainder, over the very text of the macro: exact sums, monotone, blind to order."""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
from property_support import property_of

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros"
Parts = dict[str, Decimal]


@pytest.fixture(scope="module", autouse=True)
def con() -> Iterator[None]:
    global CON
    with duckdb.connect(config={"threads": "1"}) as CON:
        CON.execute("create table parts (whole varchar, part varchar, quota decimal(24, 12), total bigint, cap bigint)")
        yield


CON: duckdb.DuckDBPyConnection
_ENVIRONMENT = jinja2.Environment(loader=jinja2.FileSystemLoader(MACROS), extensions=["jinja2.ext.do"])  # noqa: S701
_MODULE = _ENVIRONMENT.get_template("allocation.sql").make_module()


def allocated(
    wholes: dict[str, tuple[Parts, int]], caps: dict[str, int] | None = None, shuffled: int = 0
) -> dict[str, dict[str, int]]:
    """What the macro gives each part of each whole; ``shuffled``: a seed for the order in which rows are stored."""
    rows = [
        (whole, part, quota, total, None if caps is None else caps[part])
        for whole, (parts, total) in wholes.items()
        for part, quota in parts.items()
    ]
    random.Random(shuffled).shuffle(rows)
    CON.execute("delete from parts")
    CON.executemany("insert into parts values (?, ?, ?, ?, ?)", rows)
    query = _MODULE.largest_remainder("parts", ["whole"], "part", "quota", "total", None if caps is None else "cap")
    found: dict[str, dict[str, int]] = {whole: {} for whole in wholes}
    for whole, part, count in CON.execute(query).fetchall():
        found[whole][part] = count
    return found


# Few distinct remainders, so that ties are common.
QUOTAS = st.dictionaries(
    st.sampled_from([f"p{i:02d}" for i in range(12)]),
    st.builds(lambda n, d: Decimal(n) / d, st.integers(0, 60), st.sampled_from([1, 2, 4, 5, 8])),
    min_size=1,
)


def whole_of(parts: Parts) -> int:
    return math.floor(sum(parts.values()) + Decimal("0.5"))


@property_of(parts=QUOTAS, seeds=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)))
def test_parts_add_up_exactly_whatever_the_order_of_rows(parts: Parts, seeds: tuple[int, int]) -> None:
    total = whole_of(parts)
    one, other = (allocated({"w": (parts, total)}, shuffled=s)["w"] for s in seeds)
    assert one == other
    assert sum(one.values()) == total
    # No part is further from its quota than rounding takes it.
    assert all(abs(count - parts[part]) < 1 for part, count in one.items())


@property_of(parts=QUOTAS, more=st.integers(0, 40))
def test_a_larger_total_takes_nothing_from_any_part(parts: Parts, more: int) -> None:
    start = sum(math.floor(q) for q in parts.values())
    found = allocated({f"w{i:02d}": (parts, start + i) for i in range(more + 1)})
    steps = [found[name] for name in sorted(found)]
    for i, (less, then) in enumerate(itertools.pairwise(steps)):
        assert sum(then.values()) == start + i + 1
        assert all(then[part] >= less[part] for part in parts)


@property_of(parts=QUOTAS)
def test_a_larger_quota_never_gets_less_and_equal_ones_differ_by_one_at_most(parts: Parts) -> None:
    found = allocated({"w": (parts, whole_of(parts))})["w"]
    for a in parts:
        for b in parts:
            if parts[a] > parts[b]:
                assert found[a] >= found[b]
            elif parts[a] == parts[b]:
                assert abs(found[a] - found[b]) <= 1
                assert a >= b or found[a] >= found[b], "ties go to the first name"


@property_of(parts=QUOTAS, factor=st.integers(2, 5))
def test_wholes_side_by_side_do_not_touch_each_other(parts: Parts, factor: int) -> None:
    alone = allocated({"w": (parts, whole_of(parts))})["w"]
    beside = {f"x{i}": ({p: q * i for p, q in parts.items()}, whole_of({p: q * i for p, q in parts.items()}))
              for i in range(factor)}  # fmt: skip
    assert allocated({"w": (parts, whole_of(parts))} | beside)["w"] == alone


@property_of(parts=QUOTAS, room=st.lists(st.integers(0, 2), min_size=12, max_size=12), extra=st.integers(0, 12))
def test_caps_hold_and_the_total_is_reached_all_the_same(parts: Parts, room: list[int], extra: int) -> None:
    floors = {part: math.floor(quota) for part, quota in parts.items()}
    caps = {part: floors[part] + space for (part, space) in zip(sorted(parts), room, strict=False)}
    total = min(sum(floors.values()) + extra, sum(caps.values()))
    found = allocated({"w": (parts, total)}, caps)["w"]
    assert sum(found.values()) == total
    assert all(floors[part] <= count <= caps[part] for part, count in found.items())
    loose = dict.fromkeys(parts, 10**6)
    if total <= sum(floors.values()) + len(parts):
        assert allocated({"w": (parts, total)}, loose)["w"] == allocated({"w": (parts, total)})["w"]


@property_of(votes=st.lists(st.integers(0, 500), min_size=1, max_size=10), seats=st.integers(0, 300))
def test_shares_of_a_total_stay_within_the_quota_rule(votes: list[int], seats: int) -> None:
    if not sum(votes):
        return
    exact = {f"p{i:02d}": Fraction(v * seats, sum(votes)) for i, v in enumerate(votes)}
    parts = {p: Decimal(q.numerator * 10**12 // q.denominator).scaleb(-12) for p, q in exact.items()}
    found = allocated({"w": (parts, seats)})["w"]
    assert sum(found.values()) == seats
    assert all(math.floor(q) - 1 <= found[p] <= math.ceil(q) + 1 for p, q in exact.items())
