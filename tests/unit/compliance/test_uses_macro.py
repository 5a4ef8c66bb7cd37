"""A model that picks people asks, through one macro, whether their state's list may be used for the purpose."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2

from orchestration.compliance.uses import write_permitted_uses
from orchestration.contracts.load import load_contracts

MACRO = Path(__file__).parents[3] / "dbt_project" / "macros" / "uses.sql"


def test_a_state_is_let_through_only_for_what_its_own_list_permits() -> None:
    environment = jinja2.Environment(autoescape=False)  # noqa: S701  (SQL)
    environment.globals["source"] = lambda schema, table: f"{schema}.{table}"
    said = environment.from_string(MACRO.read_text() + "{{ voter_list_permits('people.state', purpose) }}")
    with duckdb.connect() as con:
        write_permitted_uses(con, load_contracts())
        con.execute("create table people as select unnest(['NC', 'OH', 'FL', 'VA', 'PA', 'TX', null]) as state")
        for purpose, states in {
            "fundraising": {"NC", "OH", "FL"}, "voter_contact": {"NC", "OH", "FL", "VA", "PA"}, "fundrasing": set(),
        }.items():  # fmt: skip
            found = con.execute(f"select state from people where {said.render(purpose=purpose).strip()}").fetchall()
            assert {state for (state,) in found} == states
