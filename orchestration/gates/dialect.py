"""How SQLAlchemy opens the audited file for the gate.

Belongs here: the DuckDB dialect that Great Expectations needs, and the read-only, sealed-off connection.
Does not belong here: checks. Imported only by `gx`, and only when checks are run.

Great Expectations fetches results after it has left the connection's context. The pool's reset then rolls
back, and because DuckDB's cursor is its connection the open result is gone ("list index out of range").
The gate only reads, so begin, rollback and commit can simply do nothing. Delete this module when Great
Expectations ships an engine for DuckDB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb_engine
from sqlalchemy.dialects import registry

from orchestration.gates.counting import literal, quote

DRIVER = "winnumber"
URL_PREFIX = f"duckdb+{DRIVER}:///"


@dataclass(frozen=True)
class Opening:
    """What a gate's connection opens: the audited file and, read-only beside it, further files by alias."""

    database: Path
    attach: Mapping[str, Path]


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
        connection = super().connect(database=str(opening.database), read_only=True, config=config)
        cursor = connection.cursor()
        # A second connection meets the same, already locked, instance.
        cursor.execute("select current_setting('lock_configuration')")
        if not cursor.fetchall()[0][0]:
            for alias, path in opening.attach.items():
                cursor.execute(f"attach {literal(str(path))} as {quote(alias)} (read_only)")
            cursor.execute("set enable_external_access = false")
            cursor.execute("set lock_configuration = true")
        return connection

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing: the gate only reads."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing: a rollback would discard the result that is still to be fetched."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing: the gate only reads."""


registry.register(f"duckdb.{DRIVER}", __name__, "GateDialect")
