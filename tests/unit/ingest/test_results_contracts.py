"""The contracts of election results, and the seeds that spell their offices and parties."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from orchestration.contracts.load import load_contract, validate_standard
from orchestration.contracts.model import Contract, Kind, PiiFamily, Reader

PROJECT = Path(__file__).resolve().parents[3]
FILES = sorted((PROJECT / "data_contracts" / "results").glob("*.odcs.yaml"))
SEEDS = PROJECT / "dbt_project" / "seeds"


def contracts() -> list[Contract]:
    return [load_contract(path) for path in FILES]


def reader(source: str) -> Reader:
    found = next(c for c in contracts() if c.id == source).tables[0].reader
    assert found is not None
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_results_contract_is_a_valid_standard_contract(path: Path) -> None:
    validate_standard(path)


@pytest.mark.parametrize("contract", contracts(), ids=lambda c: c.id)
def test_a_results_contract_says_who_sends_it_and_what_it_may_be_used_for(contract: Contract) -> None:
    assert contract.domain == "results"
    assert contract.sender
    assert contract.licence
    assert contract.limitations
    assert "aggregate_publication" in contract.permitted_use
    assert contract.retention_days
    assert contract.control_totals == "control_totals.csv"
    assert contract.kind in (Kind.ACCUMULATE, Kind.SNAPSHOT)
    assert all(rule.reason for table in contract.tables for rule in table.quality)


@pytest.mark.parametrize("contract", contracts(), ids=lambda c: c.id)
def test_results_hold_no_person_but_candidates(contract: Contract) -> None:
    families = {c.pii for t in contract.tables for c in t.columns}
    assert families <= {PiiFamily.NONE, PiiFamily.POLITICAL}


@pytest.mark.parametrize("contract", contracts(), ids=lambda c: c.id)
def test_every_count_of_votes_is_a_whole_number_by_contract(contract: Contract) -> None:
    for column in contract.tables[0].columns:
        if column.logical_type == "integer":
            assert column.pattern is not None
            assert column.strict
            assert re.fullmatch(column.pattern, "-1")
            assert not re.fullmatch(column.pattern, "61.83%")


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        ("medsl_precinct", ["fl24", "va24.csv", "2024-pa-precinct-general.csv"], ["PA2024GeneralElectionCleaning.Rmd"]),
        ("nc_results", ["results_pct_20241105.txt"], ["results_pct_20121106.txt", "layout_results_pct.txt"]),
        ("nc_results_before_2014", ["results_pct_20121106.txt"], ["results_pct_20141104.txt"]),
        ("oh_results", ["2024 U.S. Congress.csv"], ["summary.csv"]),
        ("openelections_county", ["20161108__oh__general.csv", "20121106__oh__general__state_house.csv",
                                  "20161108__pa__general_county.csv"], []),
        ("openelections_county_raw", ["20121106__fl__general__county__raw.csv"], ["20121106__oh__general__house.csv"]),
        ("openelections_precinct", ["20201103__fl__general__indian river__precinct.csv"],
         ["20201103__fl__general__county.csv"]),
    ],
)  # fmt: skip
def test_members_are_told_apart_by_name(source: str, yes: list[str], no: list[str]) -> None:
    pattern = reader(source).members
    assert [name for name in yes if not re.search(pattern, name)] == []
    assert [name for name in no if re.search(pattern, name)] == []


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("cleaned/2024-pa-precinct-general.csv", False),
        ("fl24", False),
        ("cleaned/PA2024GeneralElectionCleaning.Rmd", True),
        ("__MACOSX/cleaned/._2024-pa-precinct-general.csv", True),
    ],
)
def test_scripts_and_folders_of_leftovers_are_left_out(path: str, left_out: bool) -> None:
    exclude = reader("medsl_precinct").exclude
    assert exclude is not None
    assert bool(re.search(exclude, path)) is left_out


def test_a_county_precinct_or_raw_file_is_no_county_file() -> None:
    county = reader("openelections_county")
    assert county.exclude is not None
    for name in ("20201103__pa__general__york__precinct.csv", "20121106__fl__general__county__raw.csv"):
        assert re.search(county.exclude, name) or not re.search(county.members, name)


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_office_text_has_one_code_and_every_code_a_name() -> None:
    rows = _rows("office_aliases.csv")
    texts = [row["office_text"] for row in rows]
    assert len(texts) == len(set(texts))
    assert all(text == " ".join(text.upper().split()) and "DISTRICT" not in text for text in texts)
    codes = {row["office_code"] for row in _rows("offices.csv")}
    counted = {"registered_voters", "ballots_cast", "ballots_blank"}
    assert {row["office_code"] for row in rows} - counted <= codes
    sources = {c.id for c in contracts()}
    assert {s for row in rows for s in row["seen_in"].split()} <= sources


def test_every_party_text_has_one_code() -> None:
    rows = _rows("party_aliases.csv")
    texts = [row["party_text"] for row in rows]
    assert len(texts) == len(set(texts))
    assert all(text == text.strip().upper() for text in texts)
    assert {row["party_code"] for row in rows} == {"D", "R", "L", "G", "O"}
