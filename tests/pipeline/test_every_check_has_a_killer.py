"""Every check of every gate is broken by a corruption of its own, and every corruption is caught by a check.

The checks are asked of the project (contracts, candidate, dbt, law, control totals); see `tests/mutation`. A new check
whose kind says how it is broken needs nothing more; any other one needs its corruption in `tests/pipeline/corruptions`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation.__main__ import table
from mutation.account import Account
from mutation.everything import account_of


@pytest.fixture(scope="module")
def account(refreshed_home: Path) -> Account:
    return account_of(refreshed_home)


def test_no_check_is_without_a_killer(account: Account):
    assert "\n".join(account.without_killer) == "", "checks without a killer: decoration until something breaks them"


def test_no_corruption_is_without_a_catcher(account: Account):
    assert "\n".join(account.uncaught) == "", "corruptions without a catcher: damage that every gate lets through"


def test_every_gate_is_in_the_account(account: Account):
    families = account.totals()
    # Fewer would mean that a family lost its checks, and an account of nothing is no account.
    for family, least in (("candidate", 700), ("delivery", 600), ("dbt", 400), ("quarantine", 500), ("content", 100),
                          ("control totals", 80), ("certified figures", 100), ("law", 7), ("drift", 50)):  # fmt: skip
        assert families[family]["checks"] >= least, family


@pytest.mark.faults
def test_most_killers_break_their_check_and_no_other(refreshed_home: Path):
    account = account_of(refreshed_home, matrix=True)
    print(table(account))
    found = account.totals()["all"]
    # 1,571 of 1,881 on 26 November 2026. The rest cannot be alone: a table without rows fails all that is asked of it,
    # and a null in a column also breaks the arithmetic over it.
    assert found["killers"] == found["checks"]
    assert found["alone"] >= 0.8 * found["checks"]
