"""How SQLAlchemy opens the audited file for the gate.

Belongs here: the DuckDB dialect that Great Expectations needs, and the read-only, sealed-off connection.
Does not belong here: checks. Imported only by `gx`, and only when checks are run.

Great Expectations fetches results after it has left the connection's context. The pool's reset then rolls
back, and because DuckDB's cursor is its connection the open result is gone ("list index out of range").
The gate only reads, so begin, rollback and commit can simply do nothing. Delete this module when Great
Expectations ships an engine for DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb_engine
from sqlalchemy.dialects import registry

from orchestration.publish import encryption
from orchestration.sqltext import ident, literal, qualified

DRIVER = "winnumber"
URL_PREFIX = f"duckdb+{DRIVER}:///"


@dataclass(frozen=True)
class Opening:
    """What a gate's connection opens, all of it read-only, and nothing else.

    database: the audited file, or None when Parquet files are audited. attach: alias -> further database
    files. parquet: 'schema.table' -> Parquet file, seen as a view.
    """

    database: Path | None
    attach: Mapping[str, Path] = field(default_factory=dict)
    parquet: Mapping[str, Path] = field(default_factory=dict)

    def set_up(self, cursor: Any) -> None:
        """Set up a fresh instance; the doors are closed in the end."""
        for alias, path in self.attach.items():
            encryption.attach(cursor, path, alias)
        for statement in self._statements():
            cursor.execute(statement)

    def _statements(self) -> Iterator[str]:
        if self.parquet:
            allowed = ", ".join(literal(str(path)) for path in self.parquet.values())
            yield f"set allowed_paths = [{allowed}]"
        yield "set enable_external_access = false"
        for table, path in self.parquet.items():
            yield f"create schema if not exists {ident(table.split('.')[0])}"
            # parquet_scan on a list: a single text would be read as a pattern if its name holds [ or *
            yield f"create view {qualified(table)} as select * from read_parquet([{literal(str(path))}])"
        yield "set lock_configuration = true"


# Paths are looked up here by a plain key, because Great Expectations substitutes `$` in connection strings.
openings: dict[str, Opening] = {}


class GateDialect(duckdb_engine.Dialect):
    """DuckDB without transactions, read-only, cut off from the file system once its files are open."""

    driver = DRIVER
    supports_statement_cache = False

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Open the files registered under the URL's token, then shut everything else out."""
        opening = openings[str(kwargs.pop("database", args[0] if args else ""))]
        config = {
            "allow_community_extensions": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        connection = super().connect(
            database=str(opening.database or ":memory:"), read_only=opening.database is not None, config=config
        )
        cursor = connection.cursor()
        # A second connection meets the same, already locked, instance.
        cursor.execute("select current_setting('lock_configuration')")
        if not cursor.fetchall()[0][0]:
            opening.set_up(cursor)
        return connection

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: the gate only reads."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing: a rollback would discard the result that is still to be fetched."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing: the gate only reads."""


registry.register(f"duckdb.{DRIVER}", __name__, "GateDialect")
