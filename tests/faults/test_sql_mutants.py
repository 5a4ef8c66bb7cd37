"""Every mutant of the ledger's SQL is noticed by a unit test, a data test or a published rule."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mutation import sql_mutants
from mutation.evaluate import Outcome, ask
from mutation.sql_mutants import MUTANTS, Mutant
from mutation.world import copy_of

from orchestration.contracts.checks import published_checks
from orchestration.contracts.load import load_contracts

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "goals"))
import goals_world
from goals_ledger import build

pytestmark = pytest.mark.faults
MADE = {model.stem for folder in goals_world.MARTS for model in (goals_world.DBT / folder).glob("*.sql")}


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Mutant -> who notices it."""
    ledger = build(tmp_path_factory.mktemp("mutants"))
    assert ledger.returncode == 0, ledger.output[-4000:]
    sql_mutants.write(ledger.project)
    units = goals_world.dbt(
        ledger.project, ledger.database, "test", "--select", "path:models/intermediate/mutants,test_type:unit"
    )
    failed = sql_mutants.failed_unit_tests(ledger.project / "target" / "run_results.json")
    assert failed, units.stdout[-4000:]
    done = goals_world.dbt(ledger.project, ledger.database, "compile")
    assert done.returncode == 0, done.stdout[-4000:]
    project, compiled = sql_mutants.compiled(ledger.project)
    con = copy_of(ledger.database)
    con.execute("set search_path = 'warehouse.marts'")

    def finds(sql: str) -> Callable[[], bool]:
        return lambda: con.execute(f"select 1 from ({sql}\n) as found limit 1").fetchone() is not None

    guards = {name: finds(sql) for name, sql in sql_mutants.compiled_tests(ledger.project).items()}
    for contract in load_contracts().values():
        if contract.id in MADE:
            for check in published_checks(contract):
                there = sql_mutants.in_schema(check, "marts")
                guards[check.check_id] = lambda c=there: ask(con, c) is not Outcome.SOUND
    # What the small world does not satisfy from the start (its results repeat a key) can notice nothing in it.
    guards = {name: fault for name, fault in guards.items() if not fault()}
    assert len(guards) > 150, "most of the ledger's tests and rules must hold in the small world"
    return {
        m.name: failed.get(sql_mutants.model_of(m), [])
        + sql_mutants.noticed(con, project, m, compiled[sql_mutants.model_of(m)], guards)
        for m in MUTANTS
    }


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_a_mutant_is_noticed(mutant: Mutant, noticed: dict[str, list[str]]):
    assert noticed[mutant.name], f"{mutant.model}: {mutant.old!r} -> {mutant.new!r} changes nothing that anybody checks"


def test_who_notices_is_told(noticed: dict[str, list[str]]):
    by_tests = {
        name for name, found in noticed.items() if any(n.startswith(("assert_", "unique_")) or "." in n for n in found)
    }
    print("\n".join(f"{name}: {len(found)} ({', '.join(found[:6])})" for name, found in noticed.items()))  # noqa: T201
    assert len(by_tests) >= 12, "fewer mutants than a dozen are noticed in the numbers of a refresh itself"


def test_a_mutant_whose_text_is_gone_is_told(tmp_path: Path):
    stale = Mutant("stale", "int_goals__contest_targets", "no such text", "")
    with pytest.raises(ValueError, match="stale.*0 times"):
        sql_mutants.replaced("select 1", stale)
