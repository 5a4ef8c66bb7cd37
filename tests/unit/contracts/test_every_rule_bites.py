"""Each rule of each delivered contract passes on sound rows and fails on a corruption; none is decoration."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.load import load_contracts
from orchestration.gates.checks import Check
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.sample import SamplePlan, write_sample

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
from ingest_support import counts, quick_gate, ticking

DOMAINS = ("voter_file", "geography", "texting", "field", "donors", "ads")
CONTRACTS = {c.id: c for c in load_contracts().values() if c.domain in DOMAINS}
CHECKS = {check.check_id: check for c in CONTRACTS.values() for check in delivery_checks(c)}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sound rows of one day, as tables of an in-memory database."""
    home = tmp_path_factory.mktemp("rules")
    write_sample(SamplePlan(("NC", "OH", "FL", "VA", "PA"), voters=9000, days=1, seed=5), home / "landing", home / "t")
    for contract in CONTRACTS.values():
        for outcome in ingest_source(home, contract, gate=quick_gate, clock=ticking()):
            assert outcome.status == "accepted", outcome.cause
    with duckdb.connect() as con:
        open_accepted(con, home, CONTRACTS)
        con.execute("create schema sound")
        names = con.execute("select table_name from information_schema.tables where table_schema = 'accepted'")
        for (name,) in names.fetchall():
            con.execute(f'create table sound."{name}" as from accepted."{name}"')
            con.execute(f'drop view accepted."{name}"')
            con.execute(f'create table accepted."{name}" as from sound."{name}"')
        yield con


def restore(con: duckdb.DuckDBPyConnection, table: str) -> None:
    con.execute(f"create or replace table accepted.{table} as from sound.{table}")


def corruptions(con: duckdb.DuckDBPyConnection, check: Check) -> Iterator[str]:
    """Ways to spoil the table, likelier ones first."""
    name = check.table.split(".")[1]
    table = f"accepted.{name}"
    said = " ".join(str(v) for v in check.params.values())
    columns = [r[0] for r in con.execute(f"describe {table}").fetchall()]
    spoilt = [c for c in columns if re.search(rf"\b{c}\b", said)]
    text = [c for c in spoilt if c not in ("snapshot_date", "line_number")]
    if check.kind == "row_count_between":
        yield f"delete from {table}"
    if check.kind == "unique" or "having count(*) > 1" in said:
        yield f"insert into {table} from {table} limit 300"
        yield f"insert into {table} from {table}"
    for column in text:
        yield f"update {table} set \"{column}\" = '~?'"
        yield f'update {table} set "{column}" = null'
        yield f"update {table} set \"{column}\" = '999'"
        yield f"update {table} set \"{column}\" = '-1'"
        yield f"update {table} set \"{column}\" = '08/31/2026'"
        yield f"update {table} set \"{column}\" = '2026-08-31'"
        yield f"update {table} set \"{column}\" = '999999999'"
        yield f"update {table} set \"{column}\" = '##/##/####'"
        yield f'update {table} set "{column}" = line_number'
    if text:
        yield f'delete from {table} where "{text[-1]}" = (select min("{text[-1]}") from {table})'
        yield f"update {table} set " + ", ".join(f"\"{c}\" = 'ELIGIBLE DID NOT VOTE'" for c in text)


@pytest.mark.parametrize("name", CHECKS)
def test_the_rule_holds_on_sound_rows_and_fails_on_spoilt_ones(database: duckdb.DuckDBPyConnection, name: str) -> None:
    check = CHECKS[name]
    table = check.table.split(".")[1]
    evaluated, unexpected = counts(database, check)
    assert unexpected == 0
    assert evaluated > 0 or check.params.get("allow_all_null")
    try:
        for statement in corruptions(database, check):
            database.execute(statement)
            if counts(database, check)[1] > 0:
                return
            restore(database, table)
    finally:
        restore(database, table)
    pytest.fail(f"no corruption makes {name} fail: the rule guards nothing, or the list of corruptions lacks one")
