"""The allocation macros against an independent reference, on random parts."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import duckdb
import goals_world
import pytest
import reference
from goals_ledger import Ledger
from hypothesis import given, settings
from hypothesis import strategies as st

PLACES = 12


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """A database with only the tables that the probes read."""
    found = duckdb.connect(":memory:", config={"threads": 2})
    found.execute(goals_world.PROBE_TABLES)
    return found


@st.composite
def parts(draw: st.DrawFn) -> tuple[dict[str, Decimal], int, dict[str, int]]:
    """Quotas, their total rounded half up, and caps that can hold it."""
    count = draw(st.integers(1, 14))
    # Few distinct remainders, so that ties are common.
    quotas = {
        f"p{number:02d}": Decimal(draw(st.integers(0, 40))) / draw(st.sampled_from([1, 2, 4, 5, 8]))
        for number in range(count)
    }
    total = math.floor(sum(quotas.values()) + Decimal("0.5"))
    caps = {unit: math.floor(quota) + draw(st.integers(0, 2)) for unit, quota in quotas.items()}
    short = total - sum(caps.values())
    if short > 0:
        caps[draw(st.sampled_from(sorted(caps)))] += short
    return quotas, total, caps


def allocate(
    con: duckdb.DuckDBPyConnection, query: str, wholes: dict[str, tuple[dict[str, Decimal], int, dict[str, int]]]
) -> dict[str, dict[str, int]]:
    rows = [
        (whole, part, quota, total, caps[part])
        for whole, (quotas, total, caps) in wholes.items()
        for part, quota in quotas.items()
    ]
    random.Random(len(rows)).shuffle(rows)
    con.execute("delete from fixture.parts")
    con.executemany("insert into fixture.parts values (?, ?, ?, ?, ?)", rows)
    found: dict[str, dict[str, int]] = {whole: {} for whole in wholes}
    for whole, part, allocated in con.execute(query).fetchall():
        found[whole][part] = allocated
    return found


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(parts(), min_size=1, max_size=4))
def test_integers_add_up_stay_within_their_caps_and_equal_the_reference(ledger, con, drawn):
    wholes = {f"w{number}": part for number, part in enumerate(drawn)}
    capped = allocate(con, ledger.compiled("probe_capped"), wholes)
    free = allocate(con, ledger.compiled("probe_uncapped"), wholes)
    for whole, (quotas, total, caps) in wholes.items():
        assert sum(capped[whole].values()) == total
        assert all(math.floor(quotas[p]) <= n <= caps[p] for p, n in capped[whole].items())
        assert capped[whole] == reference.largest_remainder(quotas, total, caps)
        assert sum(free[whole].values()) == total
        assert free[whole] == reference.largest_remainder(quotas, total)


def test_where_caps_leave_one_part_with_room_it_takes_all_that_is_missing(ledger: Ledger, con):
    # Remainders add to 2, but only the first part may still grow: the plain rule would lose a vote.
    quotas = {"a": Decimal("0.99"), "b": Decimal("0.49"), "c": Decimal("0.49")}
    found = allocate(con, ledger.compiled("probe_capped"), {"w": (quotas, 2, {"a": 3, "b": 0, "c": 0})})
    assert found["w"] == {"a": 2, "b": 0, "c": 0}


def test_a_total_without_quotas_is_still_handed_out_in_full(ledger: Ledger, con):
    quotas = {"a": Decimal(0), "b": Decimal(0), "c": Decimal(0)}
    found = allocate(con, ledger.compiled("probe_uncapped"), {"w": (quotas, 5, dict.fromkeys(quotas, 9))})
    assert found["w"] == {"a": 2, "b": 2, "c": 1}


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 999)), min_size=1, max_size=12).filter(
        lambda units: sum(weight for weight, _ in units) > 1
    ),
    st.floats(0, 1),
)
def test_the_shift_reaches_the_goal_whatever_the_shares(ledger, con, drawn, part):
    units = {f"u{n:02d}": (weight, share / 1000) for n, (weight, share) in enumerate(drawn)}
    total = sum(weight for weight, _ in units.values())
    goal = min(max(1, round(part * total)), total - 1)
    found = find_shift(con, ledger, units, goal)
    reached = math.fsum(
        weight / (1 + math.exp(-(math.log(share / (1 - share)) + found))) for weight, share in units.values()
    )
    assert reached == pytest.approx(goal, abs=1e-9 * max(1, goal) + 1e-11 * len(units))
    assert found == pytest.approx(reference.shift(units, goal), abs=1e-9)


def test_the_shift_converges_at_its_extremes(ledger: Ledger, con):
    mixed = {"a": (9_000_000, 0.001), "b": (1_000_000, 0.999), "c": (1, 0.5)}
    for goal in (1, 2, 999_000, 5_000_000, 9_999_999, 10_000_000):
        assert find_shift(con, ledger, mixed, goal) == pytest.approx(reference.shift(mixed, goal), abs=1e-8)


def test_a_goal_of_nothing_or_everything_has_no_shift(ledger: Ledger, con):
    units = {"a": (5, 0.4), "b": (3, 0.6)}
    for goal in (0, 8):
        assert find_shift(con, ledger, units, goal) is None


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(ledger: Ledger, con):
    con.execute(
        "create or replace temp table drawn as select 'w' || n % 3 as whole, 'u' || lpad(n::varchar, 5, '0') as unit, "
        "(hash(n) % 2000)::bigint as weight, (1 + hash(-n) % 998) / 1000 as share, 40000 as goal "
        "from range(20000) as r (n)"
    )
    seen = set()
    for threads in (1, 2):
        con.execute(f"set threads = {threads}")
        for salt in range(3):
            con.execute("delete from fixture.units")
            con.execute(f"insert into fixture.units from drawn order by hash(unit || '{salt}')")
            seen.add(tuple(sorted(con.execute(ledger.compiled("probe_shift")).fetchall())))
    assert len(seen) == 1


def find_shift(
    con: duckdb.DuckDBPyConnection, ledger: Ledger, units: dict[str, tuple[int, float]], goal: int
) -> float | None:
    con.execute("delete from fixture.units")
    con.executemany(
        "insert into fixture.units values ('w', ?, ?, ?, ?)",
        [(unit, weight, Decimal(str(share)), goal) for unit, (weight, share) in units.items()],
    )
    rows = con.execute(ledger.compiled("probe_shift")).fetchall()
    return float(rows[0][1]) if rows else None
