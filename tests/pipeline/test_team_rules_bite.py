"""Each published rule and data test of the teams passes on a real refresh and refuses a corruption of its own."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path

import corruptions
import duckdb
import pytest
from pipeline_homes import DATABASES
from support.published_rules import is_standard, offending, published_rules, standard_corruption

from orchestration.settings import PROJECT_ROOT

LEDGER = {p.stem for team in ("everyone", "data", "people") for p in
          (PROJECT_ROOT / "dbt_project/models/marts" / team).glob("*.sql")}  # fmt: skip
RULES = {name: rule for name, rule in published_rules().items() if name.split(".")[0] not in LEDGER}
TEAMS = [importlib.import_module(f"corruptions.{m.name}") for m in pkgutil.iter_modules(corruptions.__path__)]
DATA_TESTS: dict[str, str] = {test: sql for team in TEAMS for test, sql in getattr(team, "DATA_TESTS", {}).items()}
CORRUPTIONS: dict[str, str] = {rule: sql for team in TEAMS for rule, sql in team.CORRUPTIONS.items()}


@pytest.fixture(scope="module")
def release(refreshed_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The teams' tables of a release, copied into memory."""
    with duckdb.connect() as con:
        for file in DATABASES:
            con.execute(f"attach '{refreshed_home}/current/{file}.duckdb' as {file} (read_only)")
            names = con.execute("select table_name from duckdb_tables() where database_name = ?", [file]).fetchall()
            for (name,) in names:
                con.execute(f'create or replace table "{name}" as from {file}.main."{name}"')
        yield con


def corruption(name: str) -> str:
    return standard_corruption(name) if is_standard(name) else CORRUPTIONS.get(name) or CORRUPTIONS[name.split(".")[1]]


def test_no_corruption_is_left_over():
    used = {name if name in CORRUPTIONS else name.split(".")[1] for name in RULES if not is_standard(name)}
    assert used == set(CORRUPTIONS)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_corruption_breaks_the_rule(name, release):
    release.execute("begin")
    try:
        before = offending(release, name, RULES[name])
        release.execute(corruption(name))
        after = offending(release, name, RULES[name])
    finally:
        release.execute("rollback")
    assert before == 0
    assert after > 0


@pytest.fixture(scope="module")
def warehouse(refreshed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse that the newest refresh built, before it was sealed."""
    built = (refreshed_home / "build" / "active").resolve()
    copy = tmp_path_factory.mktemp("built") / "warehouse.duckdb"
    shutil.copy(built / "warehouse.duckdb", copy)
    with duckdb.connect(str(copy)) as con:
        yield con


@pytest.mark.parametrize("name", sorted(DATA_TESTS))
def test_a_corruption_is_refused_by_the_data_test(name, warehouse, refreshed_home):
    built = (refreshed_home / "build" / "active").resolve()
    (found,) = sorted(built.glob(f"dbt_*/compiled/**/tests/{name}.sql"))[:1]
    query = f"select count(*) from ({found.read_text(encoding='utf-8')}) as found"
    warehouse.execute("begin")
    try:
        (before,) = warehouse.execute(query).fetchone()
        warehouse.execute(DATA_TESTS[name])
        (after,) = warehouse.execute(query).fetchone()
    finally:
        warehouse.execute("rollback")
    assert before == 0
    assert after > 0
