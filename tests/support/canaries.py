"""People nobody could take for anything else: their names, addresses, numbers and days, and the search for them."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

NAMES = ("ZAPHRODITA", "QUINZELWICK", "BRAXTHORNE", "OMBLEVATIA")
CANARIES = (
    *NAMES,
    "9914 WIMPLEQUASH TRAMWAY",
    "zaphrodita.quinzelwick@canary.invalid",
    "8285550919",
    "1931-02-29",  # a day there is not: reading it as one fails
    "1931-03-07",
)


def hits(places: Iterable[Path]) -> list[str]:
    """'canary in file' for every canary in every file; what is packed inside Parquet, DuckDB and gzip is unpacked."""
    found = []
    for path in places:
        content = (path.read_bytes() + _unpacked(path)).lower()
        found += [f"{canary} in {path}" for canary in CANARIES if canary.lower().encode() in content]
    return found


def _unpacked(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix not in (".parquet", ".duckdb"):
        return b""
    with duckdb.connect() as con:
        if path.suffix == ".parquet":
            return repr(con.execute("from read_parquet(?)", [str(path)]).fetchall()).encode()
        con.execute(f"attach '{path}' as searched (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'searched'"
        ).fetchall()
        rows = [con.execute(f'from searched."{schema}"."{table}"').fetchall() for schema, table in tables]
        return repr(rows).encode()


def files_of(*roots: Path) -> list[Path]:
    """Every file below the roots."""
    return [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]


# What stands in the columns of a voter of North Carolina.
PLANTED = {
    "last_name": "QUINZELWICK", "first_name": "ZAPHRODITA", "middle_name": "BRAXTHORNE",
    "res_street_address": "9914 WIMPLEQUASH TRAMWAY", "mail_addr1": "9914 WIMPLEQUASH TRAMWAY",
    "full_phone_number": "8285550919",
}  # fmt: skip


def with_canaries(delivered: Path) -> str:
    """The text of a delivered voter file of North Carolina, every fifth voter a canary."""
    with zipfile.ZipFile(delivered) as whole:
        header, *lines = whole.read(whole.namelist()[0]).decode("latin-1").splitlines()
    names = [name.strip('"') for name in header.split("\t")]
    planted = []
    for number, line in enumerate(lines):
        cells = line.split("\t")
        if number % 5 == 0:
            for name, value in PLANTED.items():
                cells[names.index(name)] = f'"{value}"'
        planted.append("\t".join(cells))
    return "\r\n".join([header, *planted, ""])


def repack(delivered: Path, target: Path, text: str) -> None:
    """The delivery with another text, under the name its member has."""
    with zipfile.ZipFile(delivered) as whole:
        (name,) = whole.namelist()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as whole:
        whole.writestr(name, text.encode("latin-1"))
