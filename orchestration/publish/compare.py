"""What changed between two releases: columns, rows and totals, table by table.

Belongs here: comparing two release folders. Does not belong here: publishing, or saying whether a change
is too large (that is a check). Results hold counts and totals, never a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.publish import encryption
from orchestration.publish.candidate import table_keys
from orchestration.publish.fingerprint import columns_of, hashable

if TYPE_CHECKING:
    import duckdb

Number = int | float | Decimal | None
Columns = dict[str, str]
_NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FLOATING = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class TotalDiff:
    """Sum of one numeric column before and after; None for no rows."""

    column: str
    before: Number
    after: Number


@dataclass(frozen=True)
class TableDiff:
    """One table in both releases.

    key: the columns rows were matched by; empty when they do not identify rows in both releases, and a
    changed row then counts as one removed and one added.
    """

    file: str
    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    key: tuple[str, ...]
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_retyped: tuple[str, ...] = ()
    totals: tuple[TotalDiff, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything at all changed."""
        columns = self.columns_added or self.columns_removed or self.columns_retyped
        return bool(self.added or self.removed or self.changed or columns)


@dataclass(frozen=True)
class ReleaseDiff:
    """Release `before` against release `after`; tables_added and tables_removed as 'file: table'."""

    before: str
    after: str
    tables: tuple[TableDiff, ...]
    tables_added: tuple[str, ...] = ()
    tables_removed: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything at all changed."""
        return bool(self.tables_added or self.tables_removed or any(t.differs for t in self.tables))


def diff(before: Path, after: Path) -> ReleaseDiff:
    """Compare two release (or candidate) folders, all their database files.

    Raises FileNotFoundError when one is not a release, PermissionError when a restricted file may not be
    read.
    """
    import duckdb

    keys_before, keys_after = table_keys(before), table_keys(after)
    tables = []
    for file in sorted({file for file, _ in keys_before} & {file for file, _ in keys_after}):
        connection = duckdb.connect()
        try:
            for alias, folder in (("a", before), ("b", after)):
                encryption.attach(connection, folder / file, alias)
            for table in sorted(t for f, t in keys_before if f == file and (file, t) in keys_after):
                tables.append(_diff_table(connection, file, table, keys_after[(file, table)]))
        finally:
            connection.close()
    return ReleaseDiff(
        before=before.resolve().name,
        after=after.resolve().name,
        tables=tuple(tables),
        tables_added=tuple(f"{file}: {t}" for file, t in sorted(keys_after.keys() - keys_before.keys())),
        tables_removed=tuple(f"{file}: {t}" for file, t in sorted(keys_before.keys() - keys_after.keys())),
    )


def _diff_table(connection: duckdb.DuckDBPyConnection, file: str, table: str, key: tuple[str, ...]) -> TableDiff:
    a, b = f'a.main."{table}"', f'b.main."{table}"'
    old, new = dict(columns_of(connection, a)), dict(columns_of(connection, b))
    shared = [name for name in new if old.get(name) == new[name]]
    usable = all(column in shared for column in key) and _identifies(connection, a, b, key)
    count = _keyed if usable else _unkeyed
    added, removed, changed = count(connection, a, b, key, {name: new[name] for name in shared})
    return TableDiff(
        file=file,
        table=table,
        rows_before=_number(connection, f"select count(*) from {a}"),
        rows_after=_number(connection, f"select count(*) from {b}"),
        added=added,
        removed=removed,
        changed=changed,
        key=key if usable else (),
        columns_added=tuple(name for name in new if name not in old),
        columns_removed=tuple(name for name in old if name not in new),
        columns_retyped=tuple(name for name in new if name in old and old[name] != new[name]),
        totals=_totals(connection, a, b, {name: new[name] for name in shared}),
    )


def _identifies(connection: duckdb.DuckDBPyConnection, a: str, b: str, key: tuple[str, ...]) -> bool:
    columns = ", ".join(f'"{column}"' for column in key)
    twice = "select count(*) from (select 1 from {} group by {} having count(*) > 1) as twice"
    return bool(key) and all(_number(connection, twice.format(r, columns)) == 0 for r in (a, b))


def _keyed(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, key: tuple[str, ...], shared: Columns
) -> tuple[int, int, int]:
    row_hash = f"hash({', '.join(hashable(name, kind) for name, kind in shared.items())})"
    columns = ", ".join(f'"{column}"' for column in key)
    match = " and ".join(f'old."{column}" is not distinct from new."{column}"' for column in key)
    found = connection.execute(
        f"select count(*) filter (where old.h is null), count(*) filter (where new.h is null), "
        f"count(*) filter (where old.h <> new.h) "
        f"from (select {columns}, {row_hash} as h from {a}) as old "
        f"full join (select {columns}, {row_hash} as h from {b}) as new on {match}"
    ).fetchall()[0]
    return int(found[0]), int(found[1]), int(found[2])


def _unkeyed(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, key: tuple[str, ...], shared: Columns
) -> tuple[int, int, int]:
    row_hash = f"hash({', '.join(hashable(name, kind) for name, kind in shared.items())}) as h"
    added = f"select count(*) from (select {row_hash} from {b} except all select {row_hash} from {a}) as x"
    removed = f"select count(*) from (select {row_hash} from {a} except all select {row_hash} from {b}) as x"
    return _number(connection, added), _number(connection, removed), 0


def _totals(connection: duckdb.DuckDBPyConnection, a: str, b: str, shared: Columns) -> tuple[TotalDiff, ...]:
    sums = {}
    for name, kind in shared.items():
        if kind in _NUMERIC or kind.startswith("DECIMAL"):
            sums[name] = f'sum("{name}")'
        elif kind in _FLOATING:
            sums[name] = f'round(sum("{name}"), 6)'  # parallel sums of doubles differ in the last digits
    if not sums:
        return ()
    select = f"select {', '.join(sums.values())} from "
    before = connection.execute(select + a).fetchall()[0]
    after = connection.execute(select + b).fetchall()[0]
    return tuple(TotalDiff(name, old, new) for name, old, new in zip(sums, before, after, strict=True))


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
