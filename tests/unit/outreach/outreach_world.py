"""A small release of people made by hand, and vendors whose files may hold opt-outs.

Belongs here: what an export reads. Does not belong here: what must hold of the exports (the tests say that).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract
from orchestration.contracts.odcs import contract_from
from orchestration.outreach.exporting import Request, export
from orchestration.settings import Paths

RELEASE = "20260901-0123abcd"
TABLES = """
create table voters_people (voter_id varchar, state varchar, last_name varchar, first_name varchar,
    is_protected boolean, residence_zip varchar);
create table voter_scores (voter_id varchar, county_fips varchar, precinct_id varchar, municipality_id varchar,
    congressional_district_id varchar, state_senate_district_id varchar, state_house_district_id varchar,
    media_market_id varchar);
create table universe_members (universe_id varchar, person_id varchar, voter_id varchar, household_id varchar,
    state varchar, county_fips varchar, precinct_id varchar, contests_served varchar);
create table contact_points (person_id varchar, voter_id varchar, state varchar, channel varchar, contact varchar,
    origin varchar, source_id varchar, first_name varchar, last_name varchar, address varchar, city varchar,
    address_state varchar, zip5 varchar, is_suppressed boolean, suppression_reason varchar);
"""


@dataclass(frozen=True)
class Person:
    """Somebody of the small world. ``sources``: who gave the contacts; the voter list of the state by default."""

    number: int
    state: str = "NC"
    first: str | None = "Jo"
    last: str | None = "Roe"
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    universes: Sequence[str] = ("gotv",)
    sources: Sequence[str] = ()
    is_voter: bool = True
    is_protected: bool = False
    suppressed: str | None = None
    household: str | None = None
    precinct: str = "37001-01"

    @property
    def id(self) -> str:
        return f"{self.state}-{self.number}" if self.is_voter else f"P-{self.number:016x}"

    def points(self) -> list[tuple[str, str]]:
        found = [(c, self.phone) for c in ("sms", "phone") if self.phone]
        found += [("email", self.email)] if self.email else []
        return found + [(c, f"{self.address.upper()} 27513") for c in ("mail", "walk") if self.address]


def phone(number: int) -> str:
    return f"+1919555{number:04d}"


def publish(home: Path, people: Sequence[Person]) -> Path:
    """Make ``people`` the current release of ``home``."""
    folder = home / "releases" / RELEASE
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "people.duckdb")) as con:
        con.execute(TABLES)
        for p in people:
            voter = p.id if p.is_voter else None
            if p.is_voter:
                row = [p.id, p.state, p.last, p.first, p.is_protected]
                con.execute("insert into voters_people values (?, ?, ?, ?, ?, '27513')", row)
                where = [p.id, "37001", p.precinct, "NC-CARY", "NC-04", "NC-016", "NC-041", "M1"]
                con.execute("insert into voter_scores values (?, ?, ?, ?, ?, ?, ?, ?)", where)
            for universe in p.universes:
                con.execute(
                    "insert into universe_members values (?, ?, ?, ?, ?, '37001', ?, 'c:NC:house, c:NC:senate')",
                    [universe, p.id, voter, p.household or f"H-{p.id}", p.state, p.precinct],
                )
            for source in p.sources or (f"{p.state.lower()}_voters",):
                own = source.endswith("_voters")
                for channel, contact in p.points():
                    con.execute(
                        "insert into contact_points values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Cary', 'NC', '27513', ?, ?)",
                        [
                            p.id, voter, p.state, channel, contact, "voter_file" if own else source, source,
                            None if own else p.first, None if own else p.last,
                            p.address if channel in ("mail", "walk") else None, p.suppressed is not None, p.suppressed,
                        ],
                    )  # fmt: skip
    (folder / "release.json").write_text(json.dumps({"release_id": RELEASE}))
    (home / "current").symlink_to(Path("releases") / RELEASE)
    return home


def vendor(name: str) -> Contract:
    """A texting vendor's list: a number and whether it opted out."""
    raw = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name, "name": name, "version": "1.0.0",
        "domain": "texting", "description": {"purpose": "tests"},
        "customProperties": [
            {"property": "kind", "value": "accumulate"},
            {"property": "permittedUse", "value": ["voter_contact", "fundraising"]},
        ],
        "schema": [{
            "name": f"{name}_list", "description": "x", "dataGranularityDescription": "one row per person",
            "customProperties": [
                {"property": "reader", "value": {"members": r"^list.*\.csv$", "order": "by_name"}},
                {"property": "optOuts", "value": [
                    {"channel": "sms", "contact": "cell", "at": "said_at", "when": "opted_out = 'true'"}]},
            ],
            "properties": [
                {"name": c, "description": c, "classification": "contact"} for c in ("cell", "said_at", "opted_out")
            ],
        }],
    }  # fmt: skip
    return contract_from(raw, path="tests")


VENDORS = {name: vendor(name) for name in ("first_vendor", "second_vendor")}
PUBLISHED = {name: c for name, c in load_contracts().items() if c.domain in ("published", "voter_file")}
CONTRACTS: Mapping[str, Contract] = {**PUBLISHED, **VENDORS}


def drop_opt_out(home: Path, source: str, day: str, *cells: str) -> None:
    """A vendor's file in landing/ that says these numbers opted out."""
    folder = home / "landing" / source / day
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{c},{day}T10:00:00Z,true\n" for c in cells)
    (folder / "list.csv").write_text("cell,said_at,opted_out\n" + rows)


@dataclass(frozen=True)
class World:
    """A home with a release, and a folder outside it for files."""

    home: Path
    out: Path
    contracts: Mapping[str, Contract] = field(default_factory=lambda: CONTRACTS)

    def export(self, file: str = "list.csv", **asked: Any) -> dict[str, Any]:
        wanted = {"universe": "gotv", "channel": "sms", "purpose": "voter_contact", "by": "tests", "vendor": "spoke"}
        wanted |= asked
        if wanted["channel"] != "sms":
            wanted["vendor"] = None
        wanted["target"] = asked.get("target", self.out / file)
        return export(Paths(self.home), Request(**wanted), contracts=self.contracts)

    def rows(self, file: str = "list.csv") -> list[dict[str, str]]:
        """The file as a strict reader of comma-separated text sees it."""
        text = (self.out / file).read_bytes().decode("utf-8")
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def world(folder: Path, *people: Person) -> World:
    (folder / "out").mkdir()
    return World(publish(folder / "home", people), folder / "out")
