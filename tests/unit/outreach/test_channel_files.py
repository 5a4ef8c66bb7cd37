"""The files of mail houses, canvassers, phone banks and platforms."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest
from outreach_world import Person, phone, world

from orchestration.outreach.channels import NAME_LINE, name_line
from orchestration.outreach.walking import in_walking_order


def walked(*addresses: str) -> pl.DataFrame:
    rows = [("NC", "p1", "27513", a, "Roe", "Jo", f"id{i}") for i, a in enumerate(addresses)]
    columns = ["state", "precinct_id", "zip5", "address", "last_name", "first_name", "person_id"]
    return in_walking_order(pl.DataFrame(rows, schema=columns, orient="row"))


def test_a_street_is_walked_up_the_odd_side_and_back_down_the_even_one() -> None:
    found = walked("8 Oak St", "3 Oak St", "2 Oak St", "11 Oak St", "1 Elm St", "Rural Route 4", "10 Oak St Apt 10",
                   "10 Oak St Apt 2", "10 OAK ST # 1")  # fmt: skip
    assert found["address"].to_list() == [
        "1 Elm St", "3 Oak St", "11 Oak St", "10 OAK ST # 1", "10 Oak St Apt 2", "10 Oak St Apt 10", "8 Oak St",
        "2 Oak St", "Rural Route 4",
    ]  # fmt: skip
    assert found["walk_order"].to_list() == list(range(1, 10))


@pytest.mark.parametrize(
    ("address", "number", "street", "side", "unit"),
    [
        ("12 Oak St", 12, "OAK ST", "even", None),
        ("7898 STONE BRIDGE TRL # 135", 7898, "STONE BRIDGE TRL", "even", "135"),
        ("15B N Main St, Unit 4-C", 15, "N MAIN ST", "odd", "4-C"),
        ("101 1/2 2nd Ave Apt. 7", 101, "2ND AVE", "odd", "7"),
        ("3 3rd St", 3, "3RD ST", "odd", None),
        ("Rural Route 4", None, "RURAL ROUTE 4", None, None),
    ],
)
def test_a_street_line_is_read_into_its_parts(
    address: str, number: int | None, street: str, side: str | None, unit: str | None
) -> None:
    row = walked(address).row(0, named=True)
    assert (row["number"], row["street"], row["side"], row["unit"]) == (number, street, side, unit)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ([("Jane", "Doe")], "JANE DOE"),
        ([("Jane", "Doe"), ("John", "Doe")], "JANE & JOHN DOE"),
        ([("Jane", "Doe"), ("John", "Roe")], "JANE DOE & JOHN ROE"),
        ([("Ann", "Doe"), ("Bo", "Doe"), ("Cy", "Doe")], "THE DOE HOUSEHOLD"),
        ([("Ann", "Doe"), ("Bo", "Roe"), ("Cy", "Poe")], "ANN DOE & HOUSEHOLD"),
        ([(None, "Doe"), ("John", "Doe")], "DOE & JOHN DOE"),
        ([(None, None)], "CURRENT RESIDENT"),
    ],
)
def test_a_letter_is_addressed_to_the_household(names: list[tuple[str | None, str | None]], line: str) -> None:
    assert name_line(names) == line
    assert len(name_line([("Maximiliana", "Featherstonehaugh"), ("Bartholomew", "Cholmondeley")])) <= NAME_LINE


def test_a_mail_house_gets_one_row_per_address(tmp_path: Path) -> None:
    people = [Person(n, first=f, last="Doe", address="12 Oak St", household="H-1") for n, f in ((1, "Jo"), (2, "Al"))]
    small = world(tmp_path, *people, Person(3, first="Cy", last="Poe", address="1 Elm St"))
    made = small.export(channel="mail")
    assert [(r["name_line"], r["address"], r["people"]) for r in small.rows()] == [
        ("CY POE", "1 Elm St", "1"), ("AL & JO DOE", "12 Oak St", "2"),
    ]  # fmt: skip
    assert (made["people"], made["households"]) == (3, 2)


def test_an_audience_holds_hashes_under_the_platforms_names_and_nothing_else(tmp_path: Path) -> None:
    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    small = world(tmp_path, Person(1, phone=phone(101), email="jo@example.org"), Person(2, email="al@example.org"))
    small.export(channel="digital", platform="meta")
    assert sorted(small.rows(), key=lambda r: r["phone"]) == [
        {"email": hashed("al@example.org"), "phone": ""},
        {"email": hashed("jo@example.org"), "phone": hashed("19195550101")},
    ]
    text = (small.out / "list.csv").read_text()
    assert "example.org" not in text
    assert "555" not in text.replace(hashed("19195550101"), "").replace(hashed("jo@example.org"), "").replace(
        hashed("al@example.org"), ""
    )


def test_the_campaigns_own_contact_goes_before_the_voter_files(tmp_path: Path) -> None:
    person = Person(1, phone=phone(101), sources=["nc_voters"])
    small = world(tmp_path, person, Person(1, phone=phone(202), sources=["first_vendor"], universes=(), is_voter=True))
    small.export()
    assert [row["cell"] for row in small.rows()] == ["19195550202"]
