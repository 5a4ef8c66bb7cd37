"""What a release says, as opposed to which bytes say it: order-independent logical fingerprints.

Belongs here: fingerprints of tables and files. Does not belong here: comparing releases (see `compare`).

DuckDB writes the same tables into different bytes from run to run, so "the same inputs give the same
release" is judged on content: row count, columns, and two order-independent aggregates (sum and bit_xor)
of a 64-bit hash per row. The sum catches duplicated rows, which cancel out in the xor.
`hash()` is not promised to be stable across DuckDB versions: the version stands beside every fingerprint,
and fingerprints of different versions are never compared (the older file is measured again instead).
Doubles take part with 9 significant digits, since parallel sums of doubles differ in the last ones.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.publish import encryption
from orchestration.sqltext import ident

if TYPE_CHECKING:
    import duckdb

# Tables that describe the release itself, and their columns that tell the time of the clock: not content.
RELEASE_TABLES = ("release", "release_source")
CLOCK_COLUMNS: Mapping[str, frozenset[str]] = {
    "release": frozenset({"built_at", "run_id"}),
    "release_source": frozenset({"received_at"}),
}

_FLOAT = re.compile(r"\b(FLOAT|DOUBLE|REAL)\b")
_PLAIN = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|BOOLEAN|VARCHAR|DATE"
    r"|TIME|TIMESTAMP( WITH TIME ZONE|_S|_MS|_NS)?|UUID|BLOB|DECIMAL\(\d+,\d+\))"
)


@dataclass(frozen=True)
class TableFingerprint:
    """One table's content. schema_hash: over column names and types, in order. content_hash: over rows."""

    name: str
    rows: int
    schema_hash: str
    content_hash: str


@dataclass(frozen=True)
class FileFingerprint:
    """One database file's content: its tables in alphabetical order, and one digest over them."""

    digest: str
    tables: tuple[TableFingerprint, ...]
    duckdb_version: str


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    """(name, DuckDB type) of each column of a relation, given as quoted SQL, in order."""
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def hashable(name: str, type_name: str) -> str:
    """Write the SQL for a column's value as it enters the row hash.

    Raises ValueError for a nested column that holds doubles: they cannot be rounded in place.
    """
    quoted = ident(name)
    if type_name in ("FLOAT", "DOUBLE", "REAL"):
        # adding 0.0 turns -0.0 into 0.0
        return f"format('{{:.8e}}', ({quoted} + 0.0)::double)"
    if _PLAIN.fullmatch(type_name):
        return quoted
    if _FLOAT.search(type_name):
        raise ValueError(
            f"column {name} has type {type_name}: doubles inside a nested value cannot be fingerprinted; "
            "use DECIMAL or separate columns"
        )
    return f"{quoted}::varchar"


def fingerprint_table(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, ignore: Collection[str] = ()
) -> TableFingerprint:
    """Fingerprint of a relation (quoted SQL, e.g. '"main"."t"'), without the columns in `ignore`."""
    columns = [(column, kind) for column, kind in columns_of(connection, relation) if column not in ignore]
    values = ", ".join(hashable(column, kind) for column, kind in columns)
    found = connection.execute(
        f"select count(*), coalesce(sum(h), 0)::varchar, coalesce(bit_xor(h), 0)::varchar "
        f"from (select hash({values}) as h from {relation}) as hashed"
    ).fetchall()[0]
    schema_hash = _digest(*(part for column in columns for part in column))
    return TableFingerprint(name, int(found[0]), schema_hash, _digest(*map(str, found)))


def fingerprint_attached(connection: duckdb.DuckDBPyConnection, database: str) -> FileFingerprint:
    """Fingerprint of every table in schema main of an attached database."""
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'main' "
        "and not internal order by table_name",
        [database],
    ).fetchall()
    tables = tuple(
        fingerprint_table(
            connection,
            f'"{database}"."main"."{str(name).replace(chr(34), chr(34) * 2)}"',
            str(name),
            CLOCK_COLUMNS.get(str(name), frozenset()),
        )
        for (name,) in names
    )
    version = str(connection.execute("select version()").fetchall()[0][0])
    return FileFingerprint(digest_of_tables(tables), tables, version)


def fingerprint_file(path: Path) -> FileFingerprint:
    """Fingerprint of a closed DuckDB file, opened read-only. Raises duckdb.Error when it is not one.

    Raises EncryptionError when it is encrypted and the key is missing or wrong.
    """
    import duckdb

    # Attached to an instance of its own: a reader in this process may hold the file with other settings.
    connection = duckdb.connect()
    try:
        encryption.attach(connection, path, "measured")
        return fingerprint_attached(connection, "measured")
    finally:
        connection.close()


def digest_of_tables(tables: Collection[TableFingerprint]) -> str:
    """One digest over tables, whatever the order they are given in."""
    ordered = sorted(tables, key=lambda table: table.name)
    return _digest(*(part for t in ordered for part in (t.name, str(t.rows), t.schema_hash, t.content_hash)))


def _digest(*parts: str) -> str:
    # Each part is preceded by its length, so that ('ab', 'c') and ('a', 'bc') differ.
    return hashlib.sha256("".join(f"{len(part)}:{part};" for part in parts).encode()).hexdigest()
