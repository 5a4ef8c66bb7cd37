"""Seal a candidate: copy the published tables out of the build database into files that can be audited.

Belongs here: writing candidate files and measuring them. Does not belong here: judging them (gates) or
making them current (releases).

Files hold plain tables in schema `main`: no views (they would point at the builder's disk), no keys and no
indexes (DuckDB's write-ahead log replay fails on them; uniqueness is tested instead). They are written in
storage version v1.0.0 so that clients need not be new (encrypted ones in the first that knows encryption),
ordered by key so that they compress and read well, checkpointed and closed so that no .wal belongs to them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.faults import fault_point
from orchestration.publish import encryption
from orchestration.publish import files as fs
from orchestration.publish.candidate import (
    GENERAL_FILE,
    PARQUET,
    RELEASE_JSON,
    ReleaseInfo,
    Sealed,
    TableSpec,
    measure,
    members,
)
from orchestration.publish.fingerprint import RELEASE_TABLES, columns_of, fingerprint_table
from orchestration.sqltext import ident, literal, qualified

if TYPE_CHECKING:
    import duckdb

STORAGE_VERSION = "v1.0.0"
_SEALED = "sealed"  # name under which the file being written is attached


def seal(
    build_db: Path, files: Mapping[str, Sequence[TableSpec]], out: Path, release: ReleaseInfo, *, encrypt: bool = False
) -> Sealed:
    """Write a candidate folder `out` from a closed build database, and measure it.

    files: file name ('warehouse.duckdb', 'people.duckdb') -> its tables. An `out` left over from an
    interrupted seal is replaced. encrypt: every file but the general one, with the key of `encryption.key`.

    Raises ValueError for a table name used twice or an unusable column, FileNotFoundError for a missing
    build database, EncryptionError when a file cannot be encrypted, duckdb.Error when a relation or column
    does not exist.
    """
    _check_specs(files)
    if not build_db.is_file():
        raise FileNotFoundError(f"{build_db}: no build database; run the build before sealing it")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(mode=0o700, parents=True)
    described: dict[str, object] = {}
    for file_name, specs in files.items():
        described[file_name] = _write_file(
            build_db, out / file_name, specs, release, encrypt and file_name != GENERAL_FILE
        )
        fault_point("seal.file")
    if GENERAL_FILE in files:
        (out / PARQUET).mkdir()
        _write_parquet(out / GENERAL_FILE, out / PARQUET, files[GENERAL_FILE])
    document = {**release.document(), "files": described}
    (out / RELEASE_JSON).write_bytes(fs.pretty_json(document))
    fault_point("seal.described")
    for path in members(out):
        fs.sync_file(path)
    for folder in {path.parent for path in members(out)}:
        fs.sync_dir(folder)
    return measure(out)


def _check_specs(files: Mapping[str, Sequence[TableSpec]]) -> None:
    seen: dict[str, str] = {}
    for file_name, specs in files.items():
        if Path(file_name).name != file_name or not file_name.endswith(".duckdb"):
            raise ValueError(f"{file_name!r} is not a file name ending in .duckdb")
        if not specs:
            raise ValueError(f"{file_name}: no tables to publish in it")
        for spec in specs:
            if spec.name in RELEASE_TABLES:
                raise ValueError(f"{file_name}: {spec.name!r} is the name of the release's own table")
            if spec.name in seen:
                raise ValueError(f"table {spec.name!r} is published in {seen[spec.name]} and in {file_name}")
            if not spec.order_by:
                raise ValueError(f"{file_name}: table {spec.name!r} has no order_by columns")
            seen[spec.name] = file_name


def _write_file(
    build_db: Path, path: Path, specs: Sequence[TableSpec], release: ReleaseInfo, encrypt: bool
) -> list[dict[str, object]]:
    import duckdb

    # dbt writes views qualified with the catalog's name, so the build keeps its own name when attached.
    build = build_db.stem
    if build == _SEALED:
        raise ValueError(f"{build_db}: a build database may not be called {_SEALED}.duckdb")
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {literal(build_db)} as {ident(build)} (read_only)")
        if encrypt:
            encryption.attach_to_write(connection, path, _SEALED)
        else:
            connection.execute(f"attach {literal(path)} as {_SEALED} (storage_version '{STORAGE_VERSION}')")
        if path.name != GENERAL_FILE:
            path.chmod(0o600)  # before the first row is in it
        tables = []
        for spec in specs:
            source = f"{ident(build)}.{qualified(spec.relation)}"
            order = ", ".join(f"{ident(column)} nulls last" for column in spec.order_by)
            connection.execute(
                f"create table {_SEALED}.main.{ident(spec.name)} as "
                f"select {_projection(connection, source)} from {source} order by {order}"
            )
            tables.append(_described(connection, spec))
        _write_release_tables(connection, release)
        connection.execute(f"checkpoint {_SEALED}")
        connection.execute(f"detach {_SEALED}")
    finally:
        connection.close()
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        raise ValueError(f"{wal}: a write-ahead log was left behind; the file is not whole without it")
    return tables


def _projection(connection: duckdb.DuckDBPyConnection, source: str) -> str:
    """List all columns in order, with HUGEINT, which sum() yields, as BIGINT (an overflow raises).

    Few clients read HUGEINT, and Parquet would turn it into a double.
    """
    return ", ".join(
        f"{ident(name)}::bigint as {ident(name)}" if kind in ("HUGEINT", "UHUGEINT") else ident(name)
        for name, kind in columns_of(connection, source)
    )


def _described(connection: duckdb.DuckDBPyConnection, spec: TableSpec) -> dict[str, object]:
    relation = f"{_SEALED}.main.{ident(spec.name)}"
    columns = columns_of(connection, relation)
    if absent := set(spec.identity) - {name for name, _ in columns}:
        raise ValueError(f"table {spec.name}: key column(s) {', '.join(sorted(absent))} do not exist in it")
    rows = connection.execute(f"select count(*) from {relation}").fetchall()[0][0]
    return {
        "name": spec.name,
        "rows": int(rows),
        "key": list(spec.identity),
        "columns": [{"name": name, "type": kind} for name, kind in columns],
    }


def _write_release_tables(connection: duckdb.DuckDBPyConnection, release: ReleaseInfo) -> None:
    connection.execute(
        f"create table {_SEALED}.main.release (release_id varchar, run_id varchar, built_at timestamp, "
        "data_as_of date, code_hash varchar, config_hash varchar, contract_versions varchar, "
        "model_versions varchar, notes varchar)"
    )
    document = release.document()
    connection.execute(
        f"insert into {_SEALED}.main.release values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            release.release_id,
            release.run_id,
            _utc(release.built_at),
            release.data_as_of,
            release.code_hash,
            release.config_hash,
            json.dumps(document["contract_versions"]),
            json.dumps(document["model_versions"]),
            "; ".join(release.notes),
        ],
    )
    connection.execute(
        f"create table {_SEALED}.main.release_source (source varchar, delivery_id varchar, data_as_of date, "
        "received_at timestamp, is_held boolean, note varchar)"
    )
    for source in sorted(release.sources, key=lambda source: source.source):
        received = _utc(source.received_at) if source.received_at else None
        connection.execute(
            f"insert into {_SEALED}.main.release_source values (?, ?, ?, ?, ?, ?)",
            [source.source, source.delivery_id, source.data_as_of, received, source.held, source.note],
        )


def _utc(moment: datetime) -> datetime:
    # TIMESTAMP without a zone, in UTC: reading one with a zone takes an extension in some clients.
    return moment.astimezone(UTC).replace(tzinfo=None)


def _write_parquet(database: Path, folder: Path, specs: Sequence[TableSpec]) -> None:
    """Mirror the general file's tables as Parquet, and prove that the mirror says the same."""
    import duckdb

    connection = duckdb.connect(str(database), read_only=True)
    try:
        for name in [*(spec.name for spec in specs), *RELEASE_TABLES]:
            target = folder / f"{name}.parquet"
            connection.execute(
                f"copy (from main.{ident(name)}) to {literal(target)} (format parquet, compression zstd)"
            )
            table = fingerprint_table(connection, f"main.{ident(name)}", name)
            mirror = fingerprint_table(connection, f"read_parquet({literal(target)})", name)
            if (table.rows, table.content_hash) != (mirror.rows, mirror.content_hash):
                raise ValueError(
                    f"{target.name}: the Parquet mirror does not say the same as table {name}; "
                    "a column's type does not survive Parquet, cast it in the model"
                )
    finally:
        connection.close()
