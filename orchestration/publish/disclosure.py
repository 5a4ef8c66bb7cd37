"""Which cells of a table of counts may leave the house: those that show, or give away, no small group of people.

A cell that counts 1 to k-1 people is withheld (*primary*), and so are others until nobody can work it out from sums
(*complementary*): whatever an outsider derives from all that is published, a withheld small count may still be anything
from 1 to k-1. Zero may be shown, as in the policy of CMS. A row is withheld whole: its counts say too much about each
other. k-anonymity is not differential privacy: what somebody knows from elsewhere (all but one person of a cell, say)
is no part of the sums held against here.

Belongs here: cells, their sums, and choosing what is withheld; pure arithmetic over arrays. Does not belong here: which
columns count people (contracts), earlier shares on record and files (``outreach.share``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from orchestration.publish.disclosure_bounds import Known, TooEntangled, reach

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

K = 11  # the smallest count of people that may be shown, zero apart (CMS cell size policy)
ALL = "(all)"  # what stands in a column over which is summed

Key = tuple[str, ...]


@dataclass(frozen=True)
class Sum:
    """A cell that is the sum of others, by their numbers."""

    whole: int
    parts: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """All of them."""
        return (self.whole, *self.parts)


@dataclass(frozen=True)
class Cells:
    """A table and its sums. ``counts``: one row per cell, one column per count of people.

    ``alike``: groups of cells that tell the same (an area in several contests) and are withheld together.
    """

    keys: tuple[Key, ...]
    counts: np.ndarray
    sums: tuple[Sum, ...]
    alike: tuple[tuple[int, ...], ...] = ()


def margins(frame: pl.DataFrame, by: Sequence[str], counts: Sequence[str]) -> Cells:
    """Every cell of a table and of all its sums over any of the columns ``by``.

    Whatever selection of columns is shared later, today or in another share, is part of these; they are judged as one.
    """
    import polars as pl

    text = frame.select(*(pl.col(c).cast(pl.String).fill_null("") for c in by), *(pl.col(c) for c in counts))
    numbers: dict[Key, int] = {}
    rows: list[list[int]] = []
    for size in range(len(by), -1, -1):
        for kept in combinations(by, size):
            summed = (
                text.group_by(kept).agg(pl.col(counts).sum()).sort(kept) if kept else text.select(pl.col(counts).sum())
            )
            places = [kept.index(c) if c in kept else None for c in by]
            for row in summed.iter_rows():
                numbers[tuple(ALL if p is None else row[p] for p in places)] = len(rows)
                rows.append(list(row[size:]))
    return Cells(tuple(numbers), _array(rows, len(counts)), tuple(_margin_sums(numbers)))


def _margin_sums(numbers: Mapping[Key, int]) -> Iterable[Sum]:
    parts: dict[tuple[Key, int], list[int]] = {}
    for key, number in numbers.items():
        for place, value in enumerate(key):
            if value != ALL:
                parts.setdefault(((*key[:place], ALL, *key[place + 1 :]), place), []).append(number)
    for (whole, _), found in parts.items():
        yield Sum(numbers[whole], tuple(found))


def areas(frame: pl.DataFrame, by: Sequence[str], area: tuple[str, str], counts: Sequence[str]) -> Cells:
    """The cells of a table of areas of several types, within each whole that ``by`` names.

    The sums that hold in the data are taken: a type whose areas make up the whole, and areas whose ids begin with
    another's ('37119-001' in '37119'). Parts of areas that cross one another's borders are published nowhere, so that
    no sum links them.
    """
    import polars as pl

    ordered = frame.sort(*by, *area).select(*(pl.col(c).cast(pl.String).fill_null("") for c in (*by, *area)), *counts)
    width = len(by) + 2
    keys: list[Key] = []
    rows: list[list[int]] = []
    for row in ordered.iter_rows():
        keys.append(tuple(row[:width]))
        rows.append(list(row[width:]))
    values = _array(rows, len(counts))
    wholes: dict[Key, dict[str, list[int]]] = {}
    places: dict[Key, list[int]] = {}
    for number, key in enumerate(keys):
        wholes.setdefault(key[:-2], {}).setdefault(key[-2], []).append(number)
        places.setdefault(key[-2:], []).append(number)
    sums = [s for types in wholes.values() for s in _area_sums(types, keys, values)]
    return Cells(tuple(keys), values, tuple(sums), tuple(tuple(same) for same in places.values() if len(same) > 1))


def _area_sums(types: Mapping[str, list[int]], keys: Sequence[Key], values: np.ndarray) -> Iterable[Sum]:
    whole = next((cells[0] for cells in types.values() if len(cells) == 1), None)
    ids = {keys[number][-1]: number for cells in types.values() for number in cells if number != whole}
    for cells in types.values():
        inside: dict[int, list[int]] = {}
        for number in cells:
            wider = ids.get(keys[number][-1].rsplit("-", 1)[0])
            if wider is not None and wider != number and keys[wider][-2] != keys[number][-2]:
                inside.setdefault(wider, []).append(number)
        nested = [s for wider, parts in inside.items() if _holds(s := Sum(wider, tuple(parts)), values)]
        yield from nested
        # What lies in wider areas, all of it, makes the whole because they do: that sum would say nothing new.
        if whole is not None and cells != [whole] and sum(len(s.parts) for s in nested) < len(cells):
            direct = Sum(whole, tuple(cells))
            if _holds(direct, values):
                yield direct


def _holds(found: Sum, values: np.ndarray) -> bool:
    return bool((values[list(found.parts)].sum(axis=0) == values[found.whole]).all())


def _array(rows: Sequence[Sequence[int]], width: int) -> np.ndarray:
    import numpy as np

    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


Need = dict[tuple[int, int], tuple[int, int]]


def withheld(
    cells: Cells, *, k: int = K, before: Iterable[Key] = (), shown: Sequence[Mapping[Key, Sequence[int]]] = ()
) -> set[int]:
    """The numbers of the cells that may not be shown.

    before: cells that an earlier share withheld; they stay withheld. shown: what each earlier share showed, key ->
    counts; a cell that differs from one of them by 1 to k-1 people is withheld too, and its change as unsure as a small
    count. The same cells always give the same answer.
    """
    need = _needs(cells, k, shown)
    known = {key: number for number, key in enumerate(cells.keys)}
    hidden = {number for number, _ in need} | {known[key] for key in before if key in known}
    by_cell: dict[int, list[Sum]] = {}
    for each in cells.sums:
        for number in each.cells:
            by_cell.setdefault(number, []).append(each)
    solved: _Solved = {}
    while True:
        _alike(cells, hidden)
        added = _lone(cells, hidden) or _told(cells, hidden, leaks(cells, hidden, need, solved), by_cell)
        if not added:
            return hidden
        hidden |= added


def _needs(cells: Cells, k: int, shown: Sequence[Mapping[Key, Sequence[int]]]) -> Need:
    """(cell, column) -> what it must possibly be, for all an outsider can tell."""
    need: Need = {}
    for number, key in enumerate(cells.keys):
        for column, value in enumerate(cells.counts[number].tolist()):
            if 0 < value < k:
                need[number, column] = (1, k - 1)
            for earlier in shown:
                then = earlier.get(key)
                if then is not None and 0 < abs(value - then[column]) < k:
                    low, high = need.get((number, column), (then[column], then[column]))
                    grown = value > then[column]
                    low = min(low, then[column] if grown else max(then[column] - k + 1, 0))
                    high = max(high, then[column] + k - 1 if grown else then[column])
                    need[number, column] = (low, high)
    return need


def _alike(cells: Cells, hidden: set[int]) -> None:
    for same in cells.alike:
        if not hidden.isdisjoint(same):
            hidden.update(same)


def _lone(cells: Cells, hidden: set[int]) -> set[int]:
    """One more of every sum in which a single cell is withheld: it could be worked out by subtraction."""
    added: set[int] = set()
    for each in cells.sums:
        missing = [n for n in each.cells if n in hidden or n in added]
        if len(missing) == 1 and (more := _partner(cells, each, hidden | added)) is not None:
            added.add(more)
    return added


def _partner(cells: Cells, among: Sum, hidden: set[int]) -> int | None:
    """The part that costs least: the smallest that has people in it; the whole where there is none."""
    left = [n for n in among.parts if n not in hidden]
    filled = [n for n in left if cells.counts[n].any()]
    if filled:
        return min(filled, key=lambda n: (int(cells.counts[n].sum()), cells.keys[n]))
    if among.whole not in hidden:
        return among.whole
    return min(left, key=lambda n: cells.keys[n], default=None)


def _told(
    cells: Cells, hidden: set[int], found: Sequence[tuple[int, int]], by_cell: Mapping[int, Sequence[Sum]]
) -> set[int]:
    """One more to withhold for each cell of which the sums say too much, from its own sums or the next ones out."""
    added: set[int] = set()
    for number, _ in found:
        own = list(by_cell.get(number, ()))
        outer = [s for each in own for other in each.cells for s in by_cell.get(other, ())]
        more = next((m for s in (*own, *outer) if (m := _partner(cells, s, hidden | added)) is not None), None)
        if more is not None:
            added.add(more)
    if found and not added:  # pragma: no cover  (whatever is withheld whole says nothing)
        raise TooEntangled("cells stay open although every sum of theirs is withheld")
    return added


def leaks(cells: Cells, hidden: set[int], need: Need, solved: _Solved | None = None) -> list[tuple[int, int]]:
    """The (cell, column) pairs of which the sums say more than they may, by all an outsider could calculate.

    solved: what was found before about groups of unknown cells, which is not worked out again. Raises `TooEntangled`.
    """
    memory: _Solved = {} if solved is None else solved
    found = []
    for column in range(cells.counts.shape[1]):
        wanted = {n: span for (n, c), span in need.items() if c == column}
        for unknown, sums in _tangles(cells, hidden, column):
            asked = {n: wanted[n] for n in unknown if n in wanted}
            if not asked:
                continue
            name = (column, tuple(unknown))
            if name not in memory:
                bounds = reach(unknown, sums, asked)
                memory[name] = [n for n, (low, high) in asked.items() if not _covers(bounds[n], low, high)]
            found += [(n, column) for n in memory[name]]
    return found


def _covers(bounds: tuple[float, float], low: float, high: float) -> bool:
    return bounds[0] <= low + 1e-6 and bounds[1] >= high - 1e-6


_Solved = dict[tuple[int, tuple[int, ...]], list[int]]


def _tangles(cells: Cells, hidden: set[int], column: int) -> list[tuple[list[int], list[Known]]]:
    """Unknown cells that hang together by sums, each group with its sums."""
    root: dict[int, int] = {n: n for n in hidden}

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    values = cells.counts[:, column]
    lines: list[tuple[int, Known]] = []
    for each in cells.sums:
        terms = tuple((n, 1) for n in each.parts if n in hidden)
        if each.whole in hidden:
            terms = (*terms, (each.whole, -1))
        if not terms:
            continue
        rest = 0 if each.whole in hidden else int(values[each.whole])
        rest -= int(sum(int(values[n]) for n in each.parts if n not in hidden))
        for n, _ in terms[1:]:
            root[find(n)] = find(terms[0][0])
        lines.append((terms[0][0], (terms, rest)))
    groups: dict[int, tuple[list[int], list[Known]]] = {}
    for n in sorted(hidden):
        groups.setdefault(find(n), ([], []))[0].append(n)
    for first, line in lines:
        groups[find(first)][1].append(line)
    return list(groups.values())
