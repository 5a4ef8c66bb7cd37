"""Contracts are read whole, fast, and a slip of the pen is told with its place."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.contracts.derive import derived_files
from orchestration.contracts.load import ROOT, load_contract, load_contracts, validate_standard
from orchestration.contracts.model import Kind, PiiFamily
from orchestration.contracts.odcs import ContractError, contract_from
from orchestration.contracts.shape import stored_columns

CONTRACTS = load_contracts()
DELIVERED = [c for c in CONTRACTS.values() if c.domain in ("voter_file", "geography")]
NC = yaml.safe_load((ROOT / "voter_file" / "nc_voters.odcs.yaml").read_text())


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.odcs.yaml")), ids=lambda p: p.name)
def test_every_contract_is_valid_by_the_published_standard(path: Path) -> None:
    validate_standard(path)


def test_what_is_derived_from_the_contracts_is_what_is_checked_in() -> None:
    for relative, content in derived_files().items():
        path = ROOT.parent / relative
        assert path.read_text(encoding="utf-8") == content, (
            f"{relative} is not what the contracts say; run `python -m orchestration.contracts.derive`"
        )


@pytest.mark.parametrize("contract", DELIVERED, ids=lambda c: c.id)
def test_every_delivered_contract_says_all_that_must_be_known(contract: Any) -> None:
    assert contract.sender
    assert contract.licence
    assert contract.permitted_use
    assert contract.purpose
    assert contract.limitations
    assert contract.cadence_days
    assert contract.fresh_within_days
    assert contract.retention_days
    for table in contract.tables:
        assert table.description
        assert (table.reader is None) == table.derived
        for column in table.columns:
            assert column.description, column.name
        for rule in table.quality:
            assert len(rule.reason) > 20, rule.name
        for rule in table.quality:
            assert re.fullmatch("[a-z0-9_]+", rule.name)


@pytest.mark.parametrize("contract", DELIVERED, ids=lambda c: c.id)
def test_names_addresses_and_birth_dates_are_in_their_families(contract: Any) -> None:
    words = {
        PiiFamily.IDENTITY: r"(^|_)(last|first|middle)_?name|name_(last|first|middle)|voter_id$|^ncid$|^id_number$",
        PiiFamily.CONTACT: r"address|phone|email|(^|_)zip|street|apt",
        PiiFamily.BIRTH: r"birth|^dob$|^age",
    }
    for table in contract.tables:
        for column in table.columns:
            for family, pattern in words.items():
                if contract.domain == "voter_file" and re.search(pattern, column.name):
                    assert column.pii is family, f"{table.name}.{column.name}"


def test_the_layouts_hold_as_many_columns_as_the_official_ones() -> None:
    counts = {
        "nc_voters": 70, "nc_history": 15, "oh_voters": 46, "fl_voters": 38, "fl_history": 5, "va_voters": 44,
        "pa_voters": 74,
    }  # fmt: skip
    for table, count in counts.items():
        assert len(stored_columns(CONTRACTS[table].table(table))) == count
    assert len(CONTRACTS["pa_voters"].table("pa_voters").columns) == 154


def test_a_state_is_a_contract_and_no_code_names_one() -> None:
    code = [
        *(ROOT.parent / "orchestration" / "ingest").glob("*.py"),
        *(ROOT.parent / "orchestration" / "contracts").glob("*.py"),
    ]
    mine = [p for p in code if p.name not in ("control_totals.py", "result_sums.py", "fetch.py", "download.py")]
    for path in mine:
        assert not re.search(r"\b(nc|oh|fl|va|pa)_(voters|history|results)\b", path.read_text()), path.name


def test_expected_parts_are_spelled_out_from_a_code_list() -> None:
    florida = CONTRACTS["fl_voters"].expected_parts
    assert len(florida) == 67
    assert any(re.search(p, "BRO_20260901.txt") for p in florida)
    pennsylvania = CONTRACTS["pa_voters"].expected_parts
    assert len(pennsylvania) == 268
    assert any(re.search(p, "McKEAN FVE 20260901.txt") for p in pennsylvania)


def test_use_is_narrower_where_state_law_is() -> None:
    for source in ("va_voters", "va_history", "pa_voters"):
        assert "fundraising" not in CONTRACTS[source].permitted_use


def edited(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    raw = copy.deepcopy(NC)
    change(raw)
    return raw


def custom(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(p for p in raw["customProperties"] if p["property"] == name)


SLIPS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "key": (lambda r: r.update(shcema=[]), "unknown key shcema"),
    "custom": (lambda r: r["customProperties"].append({"property": "stat", "value": "NC"}), "unknown key stat"),
    "file for all": (lambda r: r["customProperties"].extend(
        [{"property": "audience", "value": "general"}, {"property": "file", "value": "people"}]),
        "tables for a general audience are all in warehouse"),
    "file is taken": (lambda r: r["customProperties"].append({"property": "file", "value": "warehouse"}),
                      "'warehouse' is no name for a team's file"),
    "file is a path": (lambda r: r["customProperties"].append({"property": "file", "value": "../people"}),
                       "'../people' is no name for a team's file"),
    "version": (lambda r: r.update(apiVersion="v2"), "expected v3.1.0"),
    "no tables": (lambda r: r.update(schema=[]), "holds no table"),
    "pii": (lambda r: r["schema"][0]["properties"][0].update(classification="secret"), "expected one of identity"),
    "no pii": (lambda r: r["schema"][0]["properties"][0].pop("classification"), "classification is None"),
    "no meaning": (lambda r: r["schema"][0]["properties"][0].pop("description"), "say what the column means"),
    "twice": (lambda r: r["schema"][0]["properties"].append(r["schema"][0]["properties"][0]), "declared twice"),
    "pattern": (
        lambda r: r["schema"][0]["properties"][3]["logicalTypeOptions"].update(pattern="("), "not a regular expression",
    ),
    "code list": (lambda r: custom(r, "codeLists")["value"].pop("race"), "race"),
    "unquoted codes": (lambda r: custom(r, "codeLists")["value"].update(race={1: "A"}), "quoted as text"),
    "as of": (lambda r: custom(r, "asOf")["value"].update(column="nothing"), "names column 'nothing'"),
    "no key": (lambda r: r["schema"][0]["properties"][3].pop("primaryKey"), "needs a primaryKey"),
    "no reason": (lambda r: r["schema"][0]["quality"][0].pop("description"), "say why the rule exists"),
    "severity": (lambda r: r["schema"][0]["quality"][0].update(severity="warn"), "expected error or warning"),
    "metric": (lambda r: r["schema"][0]["quality"][0].update(metric="rows"), "metric is 'rows'"),
    "no bound": (lambda r: r["schema"][0]["quality"][0].pop("mustBeGreaterThan"), "needs a bound"),
    "unit": (lambda r: r["schema"][0]["properties"][1]["quality"].append(
        {"name": "x", "metric": "nullValues", "description": "why", "mustBeLessOrEqualTo": 3}), "unit: percent"),
    "frequency": (lambda r: r["slaProperties"][0].update(unit="h"), "give it in days"),
    "encoding": (lambda r: r["schema"][0]["customProperties"][0]["value"].update(encoding="ebcdic"), "ebcdic"),
    "date": (lambda r: r["schema"][0]["properties"][34]["customProperties"][1].update(value="Feb"), "expected a date"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_contract_is_told_with_its_place(slip: str) -> None:
    change, said = SLIPS[slip]
    with pytest.raises(ContractError, match=re.escape(said)) as caught:
        contract_from(edited(change), path="voter_file/nc.yaml")
    assert str(caught.value).startswith("voter_file/nc.yaml")


def test_two_contracts_may_not_claim_one_id_or_one_table(tmp_path: Path) -> None:
    source = (ROOT / "voter_file" / "nc_voters.odcs.yaml").read_text()
    (tmp_path / "a.odcs.yaml").write_text(source)
    (tmp_path / "b.odcs.yaml").write_text(source)
    with pytest.raises(ContractError, match="already taken"):
        load_contracts(tmp_path)
    (tmp_path / "b.odcs.yaml").write_text(source.replace("id: nc_voters", "id: other"))
    with pytest.raises(ContractError, match="already declared"):
        load_contracts(tmp_path)


def test_yaml_that_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.odcs.yaml"
    path.write_text("id: [")
    with pytest.raises(ContractError, match=r"a\.odcs\.yaml: not valid YAML"):
        load_contract(path)


def test_a_voter_file_keeps_versions_and_a_history_is_a_snapshot() -> None:
    kinds = {c.id: c.kind for c in DELIVERED}
    assert {k for k, v in kinds.items() if v is Kind.VOTERS} == {
        "nc_voters", "oh_voters", "fl_voters", "va_voters", "pa_voters",
    }  # fmt: skip
    assert kinds["nc_history"] is Kind.SNAPSHOT


def test_reading_the_contracts_imports_nothing_heavy() -> None:
    code = (
        "import sys; from orchestration.contracts.load import load_contracts; load_contracts();"
        "import orchestration.contracts.checks, orchestration.ingest.run;"
        "heavy = {'pydantic', 'polars', 'duckdb', 'dagster', 'great_expectations', 'dbt'} & set(sys.modules);"
        "sys.exit(f'imported {sorted(heavy)}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
