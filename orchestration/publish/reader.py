"""Open what is published, as everybody who is not building it should.

Belongs here: reading connections. Does not belong here: anything that writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.publish.candidate import CURRENT, GENERAL_FILE
from orchestration.publish.errors import NoSuchRelease

if TYPE_CHECKING:
    import duckdb


def connect_reader(home: Path, file: str = GENERAL_FILE) -> duckdb.DuckDBPyConnection:
    """Open the current release read-only, cut off from the file system and with its settings locked.

    The connection stays with its release, whole, until it is closed. Raises NoSuchRelease.
    """
    # Resolved, so that a later connection in the same process sees a later release.
    folder = (home / CURRENT).resolve()
    path = folder / file
    if not path.is_file():
        raise NoSuchRelease(f"{path} does not exist; nothing is published there yet")
    return open_read_only(path)


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open one DuckDB file read-only, with everything outside it out of reach."""
    import duckdb

    return duckdb.connect(
        str(path),
        read_only=True,
        config={
            "enable_external_access": "false",
            "allow_community_extensions": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "lock_configuration": "true",
        },
    )
