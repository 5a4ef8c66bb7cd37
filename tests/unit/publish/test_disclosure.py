"""What leaves the house shows no group of 1 to 10 people, and an attacker with every sum and every share finds none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from attacker import Key, ranges, sums_of

from orchestration.publish.disclosure import ALL, Cells, K, Sum, areas, margins, withheld
from orchestration.publish.disclosure_bounds import TooEntangled, spread


def table(seed: int, sizes: tuple[int, ...], scale: float) -> pl.DataFrame:
    """Counts of a table with as many values in each dimension; many small ones and some zeros."""
    rng = np.random.default_rng(seed)
    shape = np.meshgrid(*(np.arange(size) for size in sizes), indexing="ij")
    values = np.floor(rng.exponential(scale, size=sizes)).astype(int).ravel()
    names = {f"d{i}": [f"{chr(97 + i)}{v}" for v in part.ravel()] for i, part in enumerate(shape)}
    return pl.DataFrame({**names, "people": values})


def share_of(cells: Cells, hidden: set[int]) -> dict[Key, int | None]:
    return {key: None if n in hidden else int(cells.counts[n, 0]) for n, key in enumerate(cells.keys)}


def dims(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith("d")]


@pytest.mark.parametrize(
    ("seed", "sizes", "scale"),
    [(1, (6,), 20), (2, (5, 4), 15), (3, (5, 4), 60), (4, (3, 3, 3), 25), (5, (8, 3), 8), (6, (4, 3, 2), 120),
     (7, (2, 2), 6), (8, (10,), 3)],
)  # fmt: skip
def test_an_attacker_with_all_margins_recovers_no_small_cell(
    seed: int, sizes: tuple[int, ...], scale: float, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = table(seed, sizes, scale)
    cells = margins(frame, dims(frame), ["people"])
    hidden = withheld(cells)
    share = share_of(cells, hidden)
    truth = {key: int(cells.counts[n, 0]) for n, key in enumerate(cells.keys)}
    assert not [key for key, value in share.items() if value is not None and 0 < value < K]
    found = ranges(share, sums_of(list(share)))
    small = {key: span for key, span in found.items() if 0 < truth[key] < K}
    pinned = {key: span for key, span in small.items() if span[0] > 1 + 1e-6 or span[1] < K - 1 - 1e-6}
    exact = {key: span for key, span in found.items() if span[1] - span[0] < 1 and 0 < truth[key] < K}
    with capsys.disabled():
        print(
            f"\nattacker {sizes}: {len(cells.keys)} cells, {len(hidden)} withheld, {len(small)} small ones tried, "
            f"{len(pinned)} narrowed, {len(exact)} recovered"
        )
    assert small or not any(0 < v < K for v in truth.values())
    assert pinned == exact == {}


def test_the_attacker_is_able_to_recover_what_is_withheld_alone() -> None:
    frame = table(2, (5, 4), 15)
    cells = margins(frame, dims(frame), ["people"])
    alone = {n for n, row in enumerate(cells.counts) if 0 < row[0] < K}
    found = ranges(share_of(cells, alone), sums_of(list(cells.keys)))
    assert any(high - low < 1 for low, high in found.values())


def days(first: pl.DataFrame, seed: int, count: int) -> list[pl.DataFrame]:
    """The table on following days: some cells change by a few people, some by many, most not at all."""
    rng, found = np.random.default_rng(seed), [first]
    for _ in range(count - 1):
        step = rng.choice([0, 0, 0, 1, -2, 7, 40], size=first.height)
        found.append(found[-1].with_columns(people=(pl.col("people") + pl.Series(step)).clip(0)))
    return found


@pytest.mark.parametrize(("seed", "sizes"), [(11, (6, 3)), (12, (5, 4)), (13, (12,))])
def test_consecutive_shares_give_away_no_small_change_of_a_cell_and_no_small_cell(
    seed: int, sizes: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before: set[Key] = set()
    shown: list[Mapping[Key, tuple[int, ...]]] = []
    truths, shares = [], []
    for frame in days(table(seed, sizes, 60), seed, 4):
        cells = margins(frame, dims(frame), ["people"])
        hidden = withheld(cells, before=before, shown=shown)
        share = share_of(cells, hidden)
        before |= {key for key, value in share.items() if value is None and is_small(cells, key)}
        shown.append({key: (value,) for key, value in share.items() if value is not None})
        truths.append({key: int(cells.counts[n, 0]) for n, key in enumerate(cells.keys)})
        shares.append(share)
    tried = recovered = 0
    for day, share in enumerate(shares):
        spans = ranges(share, sums_of(list(share)))
        spans |= {key: (value, value) for key, value in share.items() if value is not None}
        for key, (low, high) in spans.items():
            tried += 1
            if 0 < truths[day][key] < K:
                recovered += low > 1 + 1e-6 or high < K - 1 - 1e-6
            for earlier in range(day):
                then = shares[earlier][key]
                change = truths[day][key] - truths[earlier][key]
                if then is not None and 0 < abs(change) < K:
                    # For all the attacker knows it may not have changed, or by more than ten people.
                    recovered += not (low <= then + 1e-6 and high >= then - 1e-6)
                    recovered += (high < then + K - 1 - 1e-6) if change > 0 else (low > max(then - K + 1, 0) + 1e-6)
    with capsys.disabled():
        print(f"\nattacker over {len(shares)} shares {sizes}: {tried} cells tried, {recovered} recovered")
    assert recovered == 0


def is_small(cells: Cells, key: Key) -> bool:
    return 0 < int(cells.counts[cells.keys.index(key), 0]) < K


def areas_of(seed: int) -> pl.DataFrame:
    """Two contests over the same state: the state, its counties, their precincts and two districts that cross them."""
    rng = np.random.default_rng(seed)
    rows = []
    precincts = {f"370{c:02d}-{p:03d}": int(rng.choice([0, 4, 9, 30, 400])) for c in range(5) for p in range(4)}
    for contest in ("senate", "governor"):
        rows += [(contest, "precinct", name, n) for name, n in precincts.items()]
        for county in sorted({name[:5] for name in precincts}):
            rows.append((contest, "county", county, sum(n for p, n in precincts.items() if p[:5] == county)))
        odd = sum(n for p, n in precincts.items() if int(p[-1]) % 2)
        whole = sum(precincts.values())
        rows += [
            (contest, "district", "1", odd),
            (contest, "district", "2", whole - odd),
            (contest, "state", "NC", whole),
        ]
    return pl.DataFrame(rows, schema=["contest", "type", "id", "people"], orient="row")


@pytest.mark.parametrize("seed", range(4))
def test_areas_are_protected_over_county_precinct_and_the_districts_that_cross_them(seed: int) -> None:
    frame = areas_of(seed)
    cells = areas(frame, ["contest"], ("type", "id"), ["people"])
    # Per contest: districts and counties make the state, and precincts each county.
    assert len(cells.sums) == 2 * (2 + 5)
    hidden = withheld(cells)
    share = share_of(cells, hidden)
    sums = [(cells.keys[s.whole], [cells.keys[p] for p in s.parts]) for s in cells.sums]
    for contest in ("senate", "governor"):
        sums.append(((contest, "state", "NC"), [key for key in cells.keys if key[:2] == (contest, "precinct")]))
    found = ranges(share, sums)
    truth = {key: int(cells.counts[n, 0]) for n, key in enumerate(cells.keys)}
    small = {key: span for key, span in found.items() if 0 < truth[key] < K}
    assert len(small) >= sum(0 < v < K for v in truth.values()) > 0
    assert not {k: s for k, s in small.items() if s[0] > 1 + 1e-6 or s[1] < K - 1 - 1e-6}
    # What is withheld in one contest is not shown in another.
    assert {k[1:] for k, v in share.items() if v is None and k[0] == "senate"} == {
        k[1:] for k, v in share.items() if v is None and k[0] == "governor"
    }


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    frame = pl.DataFrame({"d0": ["a", "b", "c"], "people": [11, 0, 400]})
    assert withheld(margins(frame, ["d0"], ["people"])) == set()


def test_what_was_withheld_before_stays_withheld() -> None:
    frame = pl.DataFrame({"d0": list("abcd"), "people": [50, 60, 70, 80]})
    cells = margins(frame, ["d0"], ["people"])
    hidden = withheld(cells, before=[("a",)])
    assert cells.keys.index(("a",)) in hidden
    assert len(hidden) > 1, "alone it could be worked out"


def test_the_same_table_gives_the_same_cells_in_any_order_of_rows() -> None:
    frame = table(4, (3, 3, 3), 25)
    one, two = (margins(f, dims(f), ["people"]) for f in (frame, frame.reverse()))
    assert {one.keys[n] for n in withheld(one)} == {two.keys[n] for n in withheld(two)}


def test_another_k_withholds_other_counts() -> None:
    frame = pl.DataFrame({"d0": list("abc"), "people": [4, 30, 40]})
    cells = margins(frame, ["d0"], ["people"])
    assert withheld(cells, k=4) == set()
    assert cells.keys.index(("a",)) in withheld(cells, k=5)


def test_sums_in_no_circle_are_solved_by_passing_bounds() -> None:
    bounds = spread([0, 1, 2], [(((0, 1), (1, 1)), 12), (((1, 1), (2, 1)), 5)])
    assert bounds == {0: (7, 12), 1: (0, 5), 2: (0, 5)}


def test_more_cells_than_can_be_checked_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.publish.disclosure_bounds.MOST_UNKNOWN", 3)
    frame = table(5, (8, 3), 8)
    with pytest.raises(TooEntangled, match="share by fewer columns"):
        withheld(margins(frame, dims(frame), ["people"]))


def test_margins_are_every_sum_over_any_column() -> None:
    frame = pl.DataFrame({"d0": ["a", "a", "b"], "d1": ["x", "y", "x"], "people": [1, 2, 4]})
    cells = margins(frame, ["d0", "d1"], ["people"])
    values = {key: int(row[0]) for key, row in zip(cells.keys, cells.counts, strict=True)}
    assert values[ALL, ALL] == 7
    assert values["a", ALL] == 3
    assert values[ALL, "x"] == 5
    assert all(isinstance(each, Sum) for each in cells.sums)
    assert len(cells.sums) == 6
