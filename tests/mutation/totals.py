"""Reconciliations: certified totals, sums inside result tables, and what the gate's record says of its own.

Belongs here: a vote too many for each control total that a delivery of the home is held against, the real certified
figures one by one, the sum rules of result tables. Does not belong here: what the totals are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.contracts.model import Contract
from orchestration.gates import record
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.ingest.control_totals import (
    EXCEPTIONS,
    ControlTotal,
    compare,
    control_total_checks,
    load_control_totals,
    load_known_differences,
)
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.result_sums import _SUM_RULES, VIEWS, Observed, _seed, office_key
from orchestration.ingest.store import select_rows
from orchestration.ingest.views import usable_deliveries
from orchestration.publish.candidate import Sealed

from .account import Account, Proof
from .world import World

TOTALS, SUMS, CERTIFIED, RECORD = "control totals", "sums within results", "certified figures", "record"
MADE = "made_results"


def of_totals(world: World) -> Account:
    """The account of every control total and sum that the home's result deliveries are held against."""
    account = Account()
    with Ledger(world.home / "ledger.sqlite") as ledger:
        for contract in world.delivered.values():
            if contract.domain != "results":
                continue
            for delivery, stored in usable_deliveries(world.home, ledger, contract):
                day = delivery.snapshot_date
                for table in contract.tables:
                    if table.name in stored.manifest["tables"]:
                        world.con.execute(
                            f"create or replace temp table {MADE} as select *, row_number() over () as n "
                            f"from ({select_rows(stored, table)})"
                        )
                        account.add(_of_delivery(world, contract, table.name, day))
    account.add(_of_sums(world))
    return account


def _results(world: World, contract: Contract, table: str, day: date, spoilt: str) -> dict[str, Status]:
    found = control_total_checks(
        contract, world.con, {table: spoilt}, day, totals_path=world.home / "control_totals.csv"
    )
    return {result.check_id: result.status for result in found}


def _of_delivery(world: World, contract: Contract, table: str, day: date) -> Account:
    account = Account()
    sound = _results(world, contract, table, day, MADE)
    for check, status in sound.items():
        if ".control_total." not in check:
            continue
        if status is not Status.PASS:
            account.proofs.append(Proof(TOTALS, check, None, why=f"it is {status} in the sound world"))
            continue
        account.corruptions += 1
        spoilt = _one_vote_more(world.con, table, day, check)
        if spoilt is None:
            account.proofs.append(Proof(TOTALS, check, None, why="no row of the delivery counts towards it"))
            continue
        now = _results(world, contract, table, day, spoilt)
        others = tuple(name for name, found in now.items() if name != check and found is not sound.get(name))
        killer = f"{table} {day}: one vote more" if now.get(check) is Status.FAIL else None
        account.proofs.append(
            Proof(TOTALS, f"{contract.id} {day}: {check}", killer, others if killer else None, f"is {now.get(check)}")
        )
    return account


def _one_vote_more(con: duckdb.DuckDBPyConnection, table: str, day: date, check: str) -> str | None:
    """The delivery with a vote more in the first row that counts towards a total, as a relation."""
    view = VIEWS[table]
    state_day, _, rest = check.rpartition("control_total.")[2].partition("_")[2].partition("_")
    office, _, party = rest.rpartition("_")
    year, month, of_month = int(state_day[:4]), int(state_day[4:6]), int(state_day[6:])
    counted = view.day or f"date '{day}'"
    source = view.source.format(relation=MADE)
    wide = source != MADE  # one column of votes for each party
    if wide:
        source = f"(unpivot {MADE} on votes_dem as D, votes_rep as R into name party value votes)"
    row = con.execute(
        f"select n, party_code from (select n, p.party_code from {source} "
        f"join {_seed('office_aliases')} as o on o.office_text = {office_key(view.office)} "
        f"join {_seed('party_aliases')} as p on p.party_text = upper(trim({view.party})) "
        f"where ({view.where}) and o.office_code = '{office}' and p.party_code = '{party.upper()}' "
        f"and {counted} = make_date({year}, {month}, {of_month}) and lower({view.state}) = "
        f"'{check.rpartition('control_total.')[2].partition('_')[0]}') order by n limit 1"
    ).fetchone()
    if row is None:
        return None
    votes = {"D": "votes_dem", "R": "votes_rep"}[str(row[1])] if wide else view.votes
    more = f"case when n = {row[0]} then (cast({votes} as bigint) + 1)::varchar else {votes} end"
    return f"(select * replace ({more} as {votes}) from {MADE})"


# What each sum within a table is broken by: SQL of the spoilt relation over the sound one.
SPOILT_SUMS: Mapping[str, str] = {
    # Two precincts are known not to add up; a third is not.
    "va_results.candidates_sum_to_total_cast": """(
        select * replace (case when candidate = 'Total Votes Cast' and dense_rank() over
            (order by contest, county_city, ward, precinct) <= 3
            then (cast(votes as bigint) + 1)::varchar else votes end as votes)
        from accepted.va_results)""",
    "medsl_precinct.total_mode_stands_alone": """(
        select * from accepted.medsl_precinct union all by name
        (select * replace ('TOTAL' as mode) from (
            select * replace ('ABSENTEE' as mode) from accepted.medsl_precinct limit 1))
        union all by name (select * replace ('ABSENTEE' as mode) from accepted.medsl_precinct limit 1))""",
}


def _of_sums(world: World) -> Account:
    from orchestration.ingest.result_sums import internal_sum_checks

    account = Account()
    for table, rules in _SUM_RULES.items():
        sound = {r.check_id: r.status for r in internal_sum_checks(world.con, table, f"accepted.{table}")}
        for rule in rules:
            check = f"{table}.{rule.name}"
            if check not in SPOILT_SUMS:
                account.proofs.append(Proof(SUMS, check, None, why=f"add what breaks it to SPOILT_SUMS in {__file__}"))
                continue
            account.corruptions += 1
            now = {r.check_id: r.status for r in internal_sum_checks(world.con, table, SPOILT_SUMS[check])}
            dead = sound[check] is Status.PASS and now[check] is Status.FAIL
            others = tuple(name for name, status in now.items() if name != check and status is not sound[name])
            killer = f"{check}: rows that do not add up" if dead else None
            why = f"it is {sound[check]}, then {now[check]}"
            account.proofs.append(Proof(SUMS, check, killer, others if dead else None, why))
    return account


def of_certified(world: World) -> Account:
    """The account of every certified figure that ships with the project: one vote off is no longer exact or known."""
    account = Account()
    folder = Path(next(c.path for c in world.delivered.values() if c.control_totals)).parent
    sources = [c for c in world.delivered.values() if c.control_totals]
    totals = [t for file in {str(c.control_totals) for c in sources} for t in load_control_totals(folder / file)]
    known = load_known_differences(folder / EXCEPTIONS)
    exact = [_observed(total, 0) for total in totals]
    for number, total in enumerate(totals):
        account.corruptions += 1
        off = [*exact[:number], _observed(total, 1), *exact[number + 1 :]]
        sound = [c.difference != 0 for c in compare(exact, totals, known, "no source")]
        broken = [c.total for c in compare(off, totals, known, "no source") if c.difference != 0]
        name = f"{total.state} {total.election_date} {total.office_code} {total.party_code}"
        dead = not any(sound) and total in broken
        others = tuple(f"{t.state} {t.office_code} {t.party_code}" for t in broken if t != total)
        account.proofs.append(Proof(CERTIFIED, name, "one vote more" if dead else None, others, "still exact"))
    for difference in known:
        account.corruptions += 1
        total = next(
            t
            for t in totals
            if (t.state, t.election_date, t.office_code, t.party_code)
            == (difference.state, difference.election_date, difference.office_code, difference.party_code)
        )
        excused = compare([_observed(total, difference.difference)], [total], known, difference.source)
        further = compare([_observed(total, difference.difference + 1)], [total], known, difference.source)
        dead = excused[0].known is not None and further[0].known is None
        name = f"known difference of {difference.source}: {total.state} {total.election_date} {total.office_code} "
        account.proofs.append(
            Proof(CERTIFIED, name + total.party_code, "one vote further off" if dead else None, (), "any is excused")
        )
    return account


def _observed(total: ControlTotal, more: int) -> Observed:
    return Observed(total.state, total.election_date, total.office_code, total.party_code, total.votes + more)


def of_record(world: World) -> Account:
    """The account of the record's own demands: each is broken in a record that is green otherwise."""
    check = Check("goals.has_rows", "main.goals", "row_count_between", {"min": 1})
    passed = CheckResult(check.check_id, check.table, Status.PASS, Severity.ERROR, 1, 0, "1 rows", "", "")
    green = replace(
        record.build(
            Sealed(world.home, "r", ()), [check], [passed], run_id="run", created_at=datetime(2026, 9, 2, tzinfo=UTC),
            dbt_tests=[record.DbtTest("unique_goals", "pass")], required_tests=[record.RequiredTest("unique_goals")],
            reconciliations=[record.Reconciliation("statewide", True, "63", "63")],
        ),
        tables=("goals",),
    )  # fmt: skip
    account = Account()
    for name, spoilt in _spoilt_records(green, passed).items():
        account.corruptions += 1
        causes = spoilt.verdict.causes
        dead = green.verdict.green and bool(causes)
        account.proofs.append(Proof(RECORD, name, name if dead else None, causes[1:] if dead else None, "still green"))
    return account


def _spoilt_records(green: record.GateRecord, passed: CheckResult) -> dict[str, record.GateRecord]:
    off = record.Reconciliation("statewide", False, "63", "62")
    return {
        "a reconciliation that does not agree": replace(green, reconciliations=(off,)),
        "a dbt test that failed": replace(green, dbt_tests=(record.DbtTest("unique_goals", "fail", 1),)),
        "a dbt test that did not run": replace(green, dbt_tests=()),
        "a dbt test that was skipped": replace(green, dbt_tests=(record.DbtTest("unique_goals", "skipped"),)),
        "a check that failed": replace(green, results=(replace(passed, status=Status.FAIL, unexpected=1),)),
        "a check that could not be evaluated": replace(
            green, results=(replace(passed, status=Status.ERROR),), minimum_evaluated=0
        ),
        "a check of another table": replace(green, results=(replace(passed, table="main.costs"),)),
        "a check that nobody demanded and that failed": replace(
            green, results=(passed, replace(passed, check_id="goals.other", status=Status.FAIL))
        ),
        "a check taken off the list": replace(green, suite_hash="0" * 64),
        "a published table without a check": replace(green, tables=("goals", "costs")),
        "fewer checks evaluated than demanded": replace(green, minimum_evaluated=2),
    }
