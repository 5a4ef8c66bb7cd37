"""What leaves the house is exactly what its contract says, and the dbt model says the same."""

from __future__ import annotations

import goals_world
import pytest
import yaml

from orchestration.contracts.load import ROOT, load_contract, validate_standard
from orchestration.contracts.model import PiiFamily

FILES = sorted((ROOT / "published").glob("*.odcs.yaml"))
MARTS = {path.stem: path for path in (goals_world.DBT / "models" / "marts").rglob("*.sql")}
# The other teams' tables are not in this small world; their releases are proved in tests/pipeline.
BUILT = {model.stem for folder in goals_world.MARTS for model in (goals_world.DBT / folder).glob("*.sql")}
HERE = [path for path in FILES if path.name.removesuffix(".odcs.yaml") in BUILT]
DIRECT = {PiiFamily.IDENTITY, PiiFamily.CONTACT, PiiFamily.BIRTH}


def test_every_mart_has_a_contract_and_every_contract_a_mart():
    assert sorted(path.name.removesuffix(".odcs.yaml") for path in FILES) == sorted(MARTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_contract_meets_the_published_standard(path):
    validate_standard(path)


@pytest.mark.parametrize("path", HERE, ids=lambda path: path.stem)
def test_the_table_has_the_columns_and_key_of_its_contract(path, warehouse):
    contract = load_contract(path)
    (table,) = contract.tables
    assert contract.id == table.name == path.name.removesuffix(".odcs.yaml")
    found = [
        name for (name,) in warehouse.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? "
            "order by column_index", [table.name],
        ).fetchall()
    ]  # fmt: skip
    assert found == [column.name for column in table.columns]
    assert table.key
    keys = ", ".join(table.key)
    repeated = f"select count(*) from (select {keys} from marts.{table.name} group by {keys} having count(*) > 1)"
    assert warehouse.execute(repeated).fetchone() == (0,)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_model_and_the_contract_agree_on_names_types_and_audience(path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    contract = load_contract(path)
    (model,) = yaml.safe_load(MARTS[contract.id].with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert model["config"]["meta"]["published"] == contract.audience
    assert [(c["name"], c["data_type"]) for c in model["columns"]] == [
        (p["name"], p["physicalType"]) for p in raw["schema"][0]["properties"]
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_general_table_holds_no_identity_contact_or_birth_column(path):
    contract = load_contract(path)
    direct = [column.name for column in contract.tables[0].columns if column.pii in DIRECT]
    assert contract.audience in ("general", "restricted")
    assert (contract.audience == "restricted") == bool(direct)


# Whose folder of marts goes into which file; a folder of its own has a file of its own.
FILE_OF_FOLDER = {"people": "people", "outreach": "people"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_table_with_people_is_in_the_file_of_the_team_whose_mart_it_is(path):
    contract = load_contract(path)
    folder = MARTS[contract.id].parent.name
    if contract.audience == "general":
        assert (contract.file, contract.database, contract.schema) == ("", "warehouse", "main")
    else:
        assert contract.file == FILE_OF_FOLDER.get(folder, folder)
        assert (contract.database, contract.schema) == (contract.file, f"{contract.file}.main")


def test_required_columns_are_filled(warehouse):
    for path in HERE:
        (table,) = load_contract(path).tables
        for column in table.columns:
            if column.required:
                (missing,) = warehouse.execute(
                    f"select count(*) from marts.{table.name} where {column.name} is null"
                ).fetchone()
                assert missing == 0, f"{table.name}.{column.name}"
