"""Table functions over files of ours, and the connection that reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.sqltext import literal

if TYPE_CHECKING:
    import duckdb


def text_list(values: Iterable[str]) -> str:
    """A list of text literals."""
    return "[" + ", ".join(literal(v) for v in values) + "]"


def parquet(path: Path, *, row_numbers: bool = False) -> str:
    """A table function over one Parquet file of ours."""
    return f"read_parquet({literal(str(path))}{', file_row_number = true' if row_numbers else ''})"


def connect(
    home: Path, work: Path, *, threads: int | None, memory_limit: str | None, also: Iterable[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """An in-memory database that may touch only ``home`` and the folders ``also``, spilling to ``work``.

    Raises ValueError when the path would be read as a pattern, because a reader would then open
    other files than the one it was told.
    """
    import duckdb

    if any(c in str(home) for c in "*?["):
        raise ValueError(f"{home}: the home folder's path holds *, ? or [; choose another")
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    if threads is not None:
        con.execute(f"set threads = {int(threads)}")
    if memory_limit is not None:
        con.execute(f"set memory_limit = {literal(memory_limit)}")
    con.execute(f"set temp_directory = {literal(str(work))}")
    con.execute("set enable_progress_bar = false")
    con.execute(f"set allowed_directories = {text_list([str(home), *map(str, also)])}")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con
