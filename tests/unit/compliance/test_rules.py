"""Every rule has its law, its enforcement and a test that plants a violation; the page says the same."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
import yaml

from orchestration.compliance.checks import law_checks
from orchestration.compliance.page import page
from orchestration.compliance.rules import RULES, Rule, rule
from orchestration.contracts.load import load_contracts
from orchestration.settings import PROJECT_ROOT

CONTRACTS = load_contracts()


@cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file; of a file of corruptions, what its corruptions are for; of a model's yml, its unit tests."""
    if path.endswith(".yml"):
        described = yaml.safe_load((PROJECT_ROOT / path).read_text(encoding="utf-8"))
        return frozenset(test["name"] for test in described.get("unit_tests", []))
    tree = ast.parse((PROJECT_ROOT / path).read_text(encoding="utf-8"))
    if "corruptions" in path:
        keys = (key for n in ast.walk(tree) if isinstance(n, ast.Dict) for key in n.keys)
        return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


@pytest.mark.parametrize("checked", RULES, ids=lambda r: r.id)
def test_every_rule_is_whole_and_proved(checked: Rule) -> None:
    assert rule(checked.id) is checked
    assert checked.law
    assert checked.source
    assert checked.where
    assert checked.proofs, f"{checked.id}: no test plants a violation of it"
    for proof in checked.proofs:
        path, _, name = proof.partition("::")
        assert name in names_in(path), f"{checked.id}: {proof} does not exist"
    for name in re.findall(r"dbt test `(\w+)`", " ".join(checked.where)):
        assert (PROJECT_ROOT / "dbt_project" / "tests" / f"{name}.sql").exists(), f"{checked.id}: no dbt test {name}"


def test_every_planted_violation_belongs_to_a_rule() -> None:
    proved = {proof.split("::")[1] for r in RULES for proof in r.proofs}
    planted = [f"tests/unit/compliance/{name}.py" for name in ("test_planted_violations", "test_people_rows")]
    stopped = {name for path in planted for name in names_in(path) if "_is_stopped" in name}
    assert stopped <= proved, "name them in the proofs of their rule (orchestration/compliance/rules.py)"


def test_every_check_of_the_law_is_named_after_a_rule_and_cannot_be_waived() -> None:
    ids = sorted((r.id for r in RULES), key=len, reverse=True)
    for check in law_checks(CONTRACTS):
        assert not check.waivable
        assert any(check.check_id.removeprefix("compliance.").startswith(found) for found in ids), check.check_id


def test_the_page_has_a_row_for_every_rule_and_is_checked_in() -> None:
    said = page()
    for found in RULES:
        assert f"| `{found.id}` |" in said
    assert (PROJECT_ROOT / "docs" / "compliance.md").read_text(encoding="utf-8") == said
