"""Open what is published, as everybody who is not building it should.

Belongs here: reading connections. Does not belong here: anything that writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.publish import encryption
from orchestration.publish.candidate import CURRENT, GENERAL_FILE
from orchestration.publish.errors import NoSuchRelease
from orchestration.sqltext import ident

if TYPE_CHECKING:
    import duckdb

_NO_EXTENSIONS: dict[str, Any] = {
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def connect_reader(home: Path, file: str = GENERAL_FILE) -> duckdb.DuckDBPyConnection:
    """Open the current release read-only, cut off from the file system and with its settings locked.

    file: which of its files, `people.duckdb` for people. The connection stays with its release, whole, until it is
    closed. Raises NoSuchRelease, PermissionError when the file is not for the caller, EncryptionError.
    """
    # Resolved, so that a later connection in the same process sees a later release.
    folder = (home / CURRENT).resolve()
    path = folder / file
    if Path(file).name != file or not path.is_file():
        raise NoSuchRelease(f"{path} does not exist; nothing is published there yet")
    return open_read_only(path)


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open one DuckDB file read-only, with everything outside it out of reach; an encrypted one with its key.

    Raises EncryptionError when the key is missing or wrong.
    """
    import duckdb

    if not encryption.is_encrypted(path):
        closed = {"enable_external_access": "false", "lock_configuration": "true"}
        return duckdb.connect(str(path), read_only=True, config=_NO_EXTENSIONS | closed)
    # DuckDB takes a key only when it attaches, so the doors are closed behind the file, not before it.
    connection = duckdb.connect(config=dict(_NO_EXTENSIONS))
    try:
        encryption.attach(connection, path, path.stem)
        connection.execute(f"use {ident(path.stem)}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection
