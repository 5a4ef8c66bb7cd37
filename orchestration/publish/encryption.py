"""Encryption of the files that hold people's records, with a key that is found when it is needed and never kept.

Belongs here: opening database files with or without a key, what it takes to write one. Does not belong here: which
files are encrypted (``operations.encryption`` and `seal` say so).

DuckDB encrypts with AES-256-GCM. It reads such files by itself; writing them takes the OpenSSL that comes with its
extension httpfs. Without the extension DuckDB offers a mode of its own that it calls unsafe: it is never used here.
The key goes to DuckDB as a parameter, so that no statement, log or profile holds it. Spilled rows are encrypted too.
"""

from __future__ import annotations

import os
import stat
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from orchestration.sqltext import ident, literal

NONE, DUCKDB = "none", "duckdb"
STORAGE_VERSION = "v1.4.0"  # the first that knows encryption; clients older than 1.4 cannot open such a file
CIPHER = "GCM"
KEY_FILE, KEY_ITSELF = "WINNUMBER_ENCRYPTION_KEY_FILE", "WINNUMBER_ENCRYPTION_KEY"
SHORTEST_KEY = 32  # characters: as many as 16 random bytes in hexadecimal; DuckDB takes any length, even one

_WHEEL = "duckdb_extension_httpfs"
_MAGIC, _MAGIC_AT, _FLAGS_AT, _ENCRYPTED = b"DUCK", 8, 20, 1  # of DuckDB's main header, which stays in the clear


class EncryptionError(RuntimeError):
    """A file cannot be encrypted or opened; the message says what to install or set, and never holds a key."""


def ready() -> None:
    """Make sure that encrypted files can be written here; raises EncryptionError saying what is missing."""
    import duckdb

    key()
    with duckdb.connect() as connection:
        refuse_weak(connection)
        load_provider(connection)


def is_encrypted(path: Path) -> bool:
    """Whether a file is an encrypted DuckDB database, by its header."""
    with path.open("rb") as stream:
        header = stream.read(_FLAGS_AT + 8)
    if header[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] != _MAGIC:
        return False
    return bool(int.from_bytes(header[_FLAGS_AT:], "little") & _ENCRYPTED)


def key() -> str:
    """The key, from the file that WINNUMBER_ENCRYPTION_KEY_FILE names or from WINNUMBER_ENCRYPTION_KEY.

    Raises EncryptionError when there is none, when others may read the file, or when it is too short.
    """
    named = os.environ.get(KEY_FILE)
    found = _key_in(Path(named)) if named else os.environ.get(KEY_ITSELF, "").strip()
    where = named or KEY_ITSELF
    if not found:
        raise EncryptionError(
            f"files with people in them are encrypted, and there is no key: set {KEY_FILE} to a file that holds it "
            "(openssl rand -hex 32 makes one)"
        )
    if len(found) < SHORTEST_KEY:
        raise EncryptionError(
            f"{where}: the key has {len(found)} characters, expected {SHORTEST_KEY} or more; openssl rand -hex 32"
        )
    return found


def attach(connection: Any, path: Path, alias: str) -> None:
    """Attach a database file read-only under `alias`, with the key where it is encrypted.

    Raises EncryptionError without a key or with a wrong one, and what DuckDB raises for a file that is none.
    """
    into = f"attach {literal(path)} as {ident(alias)}"
    if not is_encrypted(path):
        connection.execute(f"{into} (read_only)")
        return
    # Whatever is too large for memory is then encrypted as well. Only that needs the extension here: without it such
    # a query stops, and writes nothing in the clear.
    connection.execute("set temp_file_encryption = true")
    if provider() is not None:
        load_provider(connection)
    _with_key(connection, f"{into} (read_only, encryption_key ?)", path)


def attach_to_write(connection: Any, path: Path, alias: str) -> None:
    """Attach a new encrypted database file under `alias`; raises EncryptionError unless it is strongly encrypted."""
    refuse_weak(connection)
    load_provider(connection)
    connection.execute("set temp_file_encryption = true")
    options = f"encryption_key ?, encryption_cipher '{CIPHER}', storage_version '{STORAGE_VERSION}'"
    _with_key(connection, f"attach {literal(path)} as {ident(alias)} ({options})", path)
    said = connection.execute(
        "select encrypted, cipher from duckdb_databases() where database_name = ?", [alias]
    ).fetchall()
    if said != [(True, CIPHER)]:
        raise EncryptionError(f"{path.name}: DuckDB did not encrypt it with AES-{CIPHER}; nothing was written")


def refuse_weak(connection: Any) -> None:
    """Raise EncryptionError where DuckDB was told to encrypt with the code that it calls unsafe itself."""
    if connection.execute("select current_setting('force_mbedtls_unsafe')").fetchall()[0][0]:
        raise EncryptionError(
            "force_mbedtls_unsafe is set: DuckDB would encrypt without a source of good random numbers, which is no "
            f"encryption to rely on; take the setting away and {_install()}"
        )


def load_provider(connection: Any) -> None:
    """Load the extension that encryption needs for writing; raises EncryptionError with what to install."""
    path = provider()
    import duckdb

    try:
        connection.execute("load httpfs" if path is None else f"load {literal(path)}")
    except duckdb.Error as error:
        raise EncryptionError(
            f"encryption needs DuckDB's extension httpfs to write ({type(error).__name__}); {_install()}, or set "
            'operations.encryption = "none" and keep the home on an encrypted volume'
        ) from None


def provider() -> Path | None:
    """The extension httpfs as installed from its wheel for this version of DuckDB, or None."""
    import duckdb

    # The package is found, never imported: it is only a folder with the extension in it.
    spec = PathFinder.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        if path.is_file():
            return path
    return None


def _install() -> str:
    import duckdb

    return f"install it: pip install duckdb-extension-httpfs=={duckdb.__version__}"


def _key_in(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EncryptionError(f"{KEY_FILE} names {path}, which cannot be read ({type(error).__name__})") from None
    if mode & 0o077:
        raise EncryptionError(f"{path}: others than its owner could use the key ({mode:03o}); run: chmod 600 {path}")
    return found


def _with_key(connection: Any, statement: str, path: Path) -> None:
    import duckdb

    secret = key()
    try:
        connection.execute(statement, [secret])
    except duckdb.Error as error:
        # DuckDB's own words are not repeated: they may quote what it was given.
        wrong = ": the key is not the one it was encrypted with" if "rong encryption key" in str(error) else ""
        raise EncryptionError(f"{path.name} cannot be opened{wrong} ({type(error).__name__})") from None
