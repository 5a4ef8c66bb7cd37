"""The campaign's own committees: what the settings may say, and what the models read of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from orchestration.committees import Committee, committees_from, write_committees
from orchestration.settings import load

SENATE = {"name": "One", "fec_id": "C99900001", "kind": "candidate", "office": "us_senate", "state": "NC"}


def test_the_shipped_committees_are_read() -> None:
    committees = load().campaign.committees
    assert [c.kind for c in committees] == ["candidate", "state_party", "pac"]
    assert committees[0].primary_date == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "club"}, "kind is 'club'"),
        ({"fec_id": "C1"}, "fec_id is 'C1'"),
        ({"name": ""}, "name is missing"),
        ({"office": None}, "needs office and state"),
        ({"primary_date": "3 March"}, "primary_date"),
        ({"primry_date": date(2026, 3, 3)}, "unknown key primry_date"),
    ],
)
def test_a_committee_that_makes_no_sense_is_refused_by_key(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        committees_from([SENATE | change])


def test_one_committee_is_not_given_twice() -> None:
    with pytest.raises(ValueError, match=r"entry 2: fec_id C99900001 is given twice"):
        committees_from([SENATE, SENATE])


def test_federal_limits_hold_for_federal_offices_parties_and_pacs() -> None:
    kinds = [Committee("C00000001", "x", "candidate", "NC", "us_house"), Committee("C00000002", "x", "pac"),
             Committee("C00000003", "x", "candidate", "OH", "governor")]  # fmt: skip
    with duckdb.connect() as con:
        con.execute("create schema config")
        write_committees(con, [])
        assert con.sql("from config.committees").fetchall() == []
        write_committees(con, kinds)
        found = con.sql("select committee_id, is_federal from config.committees order by 1").fetchall()
    assert found == [("C00000001", True), ("C00000002", True), ("C00000003", False)]
