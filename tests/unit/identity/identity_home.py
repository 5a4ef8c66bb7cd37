"""Small worlds for the linkage: hand-made records and voters, and a sample's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.linkage_world import RECORD_COLUMNS, load
from orchestration.identity.link import link_people

VOTER_SCHEMA = {
    "voter_id": pl.String, "state": pl.String, "last_name": pl.String, "first_name": pl.String,
    "middle_name": pl.String, "name_suffix": pl.String, "is_protected": pl.Boolean, "birth_date": pl.Date,
    "residence_address": pl.String, "residence_city": pl.String, "residence_zip": pl.String, "phone": pl.String,
    "email": pl.String,
}  # fmt: skip
RECORD_SCHEMA = dict.fromkeys(RECORD_COLUMNS, pl.String) | {"first_seen_date": pl.Date}


def house(number: int | None) -> tuple[str | None, str | None, str | None]:
    """Address, city and ZIP code of a house; a ZIP code holds ten of them."""
    if number is None:
        return None, None, None
    return f"{number} OAK ST", "RALEIGH", str(27601 + number // 10)


def voter(number: int, name: str, home: int | None, **more: Any) -> dict[str, Any]:
    """A voter 'NC-<number>' called 'First [Middle] Last' who lives in a house."""
    first, *middle, last = name.upper().split()
    row = dict.fromkeys(VOTER_SCHEMA) | {
        "voter_id": f"NC-{number}", "state": "NC", "first_name": first, "last_name": last,
        "middle_name": " ".join(middle) or None, "is_protected": False,
    }  # fmt: skip
    return row | dict(zip(("residence_address", "residence_city", "residence_zip"), house(home), strict=True)) | more


def record(source: str, key: str, name: str, home: int | None = None, **more: Any) -> dict[str, Any]:
    """A record '<source>:<key>' of 'First [Middle] Last', first seen on 1 August unless said."""
    words = name.split()
    first, middle, last = (words[0], " ".join(words[1:-1]), words[-1]) if words else (None, None, None)
    row = dict.fromkeys(RECORD_SCHEMA) | {
        "record_id": f"{source}:{key}", "source": source, "source_person_id": key, "first_name": first,
        "middle_name": middle or None, "last_name": last, "state": "NC", "first_seen_date": date(2026, 8, 1),
    }  # fmt: skip
    return row | dict(zip(("address", "city", "zip5"), house(home), strict=True)) | more


def crowd_of_others(count: int = 400) -> list[dict[str, Any]]:
    """Voters of other names and addresses, so that a name or an address is worth something."""
    firsts, lasts = (
        ("ADA", "BEN", "CORA", "DEV", "EVE", "FINN", "GUS", "HUGO"),
        ("ASH", "BIRCH", "CEDAR", "DALE", "ELDER"),
    )
    return [
        voter(1000 + n, f"{firsts[n % 8]} {lasts[n // 8 % 5]}{chr(65 + n % 26)}", None)
        | {"residence_address": f"{n} FAR ST", "residence_city": "ASHEVILLE", "residence_zip": f"2{8800 + n % 40}"}
        for n in range(count)
    ]


@dataclass(frozen=True)
class Linked:
    """Links by record id, and the versions they came from."""

    rows: dict[str, dict[str, Any]]
    weights: str
    version: str
    is_new: bool
    card: dict[str, Any]

    def voter(self, record_id: str) -> str | None:
        """The voter a record is linked to."""
        return self.rows[record_id]["voter_id"]

    def person(self, record_id: str) -> str:
        """What the person of a record is named after: 'voter:' or 'record:' and an id."""
        return str(self.rows[record_id]["native_id"])


def linked(
    home: Path, voters: Sequence[dict[str, Any]] | pl.DataFrame, records: Sequence[dict[str, Any]] | pl.DataFrame
) -> Linked:
    """Link in a new build database under `home`; the store of versions stays from call to call."""
    people = voters if isinstance(voters, pl.DataFrame) else pl.DataFrame(voters, schema=VOTER_SCHEMA)
    rows = records if isinstance(records, pl.DataFrame) else pl.DataFrame(records, schema=RECORD_SCHEMA)
    home.mkdir(parents=True, exist_ok=True)
    database = home / "warehouse.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute("set threads = 2")
        load(con, people, rows)
        model, made = link_people(con, home)
    frame = pl.read_parquet(made.folder / "identity_links.parquet")
    return Linked(
        {row["record_id"]: row for row in frame.to_dicts()}, model.version, made.version, made.is_new, dict(made.card)
    )
