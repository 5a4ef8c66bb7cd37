"""The one macro and the one seed that district ids come from agree with each other."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import jinja2
import pytest

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
CASES = {
    "12": "12", "012": "12", "STH012": "12", "STS 012": "12", "USC12": "12", "District 12": "12", " 12 ": "12",
    "CD-12": "12", "0": None, "000": None, "": None, "  ": None, "*": None, "STATEWIDE": None, "12A": None,
    "AT LARGE": None, "120": "120",
}  # fmt: skip


def district(kind: str, value: str) -> str | None:
    loader = jinja2.FileSystemLoader(PROJECT / "macros")
    environment = jinja2.Environment(loader=loader)  # noqa: S701

    class Adapter:
        def dispatch(self, name: str, _: str) -> object:
            return getattr(environment.get_template("dialect.sql").make_module(), f"default__{name}")

    environment.globals["adapter"] = Adapter()
    dialect = environment.get_template("dialect.sql").make_module()
    environment.globals["matches"], environment.globals["replace_all"] = dialect.matches, dialect.replace_all
    sql = environment.get_template("places.sql").make_module().normalize_district("'NC'", kind, "value")
    row = duckdb.execute(f"select {sql} from (select ? as value)", [value]).fetchall()
    return row[0][0]


@pytest.mark.parametrize("value", CASES)
def test_a_district_is_named_in_one_way_however_it_is_written(value: str) -> None:
    number = CASES[value]
    assert district("state_house_district", value) == (None if number is None else f"NC-{number:0>3}")


def test_the_width_of_an_id_is_the_seeds() -> None:
    with (PROJECT / "seeds" / "district_types.csv").open(encoding="utf-8") as file:
        types = list(csv.DictReader(file))
    assert {row["district_type"] for row in types} == {
        "congressional_district", "state_senate_district", "state_house_district",
    }  # fmt: skip
    for row in types:
        assert district(row["district_type"], "7") == "NC-" + "7".rjust(int(row["id_width"]), "0")
