"""Inside dbt's process: no error of the database keeps its text, wherever dbt would write it.

dbt copies a database error's text into its log, the terminal, run_results.json and the events that the orchestrator
stores. It is cut at the one place all of them take it from: the adapter's exception handler. The profile names this
module as a plugin of dbt-duckdb, so that whoever runs dbt runs it so.

Belongs here: that. Does not belong here: what may be said (``withhold``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from orchestration.withhold import public_cause


class Plugin(BasePlugin):
    """Puts the handler in place before the first connection is opened."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Replace the adapter's handler."""
        DuckDBConnectionManager.exception_handler = _exception_handler  # type: ignore[method-assign, unused-ignore]


@contextmanager
def _exception_handler(self: Any, sql: str, connection_name: str = "master") -> Iterator[None]:
    said = ""
    try:
        yield
    except DbtRuntimeError:
        raise
    except Exception as error:
        said = public_cause(f"{type(error).__name__}: {error}")
    if said:
        # It opens the connection anew where there is none, which may fail for the same reason: an error from here would
        # end dbt with its text and without results.
        with suppress(Exception):
            self.rollback_if_open()
        # Outside the handler: an exception raised within would bring the database's along as its context.
        raise DbtRuntimeError(f"{said}; run the compiled SQL by hand to see it")
