"""What a source may be used for is what its contract says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from orchestration.compliance.uses import FUNDRAISING, barred_states, use_rows, write_permitted_uses
from orchestration.contracts.load import load_contracts

CONTRACTS = load_contracts()


def test_the_table_says_of_each_state_what_its_list_of_voters_may_be_used_for() -> None:
    with duckdb.connect() as con:
        write_permitted_uses(con, CONTRACTS)
        lists = con.execute(
            "select state, bool_or(purpose = 'fundraising') from config.permitted_uses where is_voter_list group by all"
        ).fetchall()
    assert dict(lists) == {"NC": True, "OH": True, "FL": True, "VA": False, "PA": False}


def test_results_of_a_state_do_not_lend_their_uses_to_its_list_of_voters() -> None:
    rows = use_rows(CONTRACTS)
    assert ("va_results", "VA", False, FUNDRAISING) in rows
    assert ("va_voters", "VA", True, FUNDRAISING) not in rows


def test_no_published_table_permits_anything_to_those_who_read_sources() -> None:
    assert {row[0] for row in use_rows(CONTRACTS)} == {c.id for c in CONTRACTS.values() if c.domain != "published"}


def test_a_state_bars_a_purpose_through_its_list_and_its_history() -> None:
    assert barred_states(CONTRACTS, FUNDRAISING) == {"PA": ("pa_voters",), "VA": ("va_history", "va_voters")}
    assert barred_states(CONTRACTS, "voter_contact") == {}


def test_a_misspelt_purpose_is_refused_and_named() -> None:
    spoilt = replace(CONTRACTS["va_voters"], permitted_use=("analysis", "fundrasing"))
    with pytest.raises(ValueError, match="permittedUse fundrasing is unknown; expected analysis"):
        use_rows({"va_voters": spoilt})
