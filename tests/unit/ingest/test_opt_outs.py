"""An opt-out that was accepted once is never lost: not by a later export, a correction or odd spelling."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.contracts.derive import dbt_sources
from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Column, Contract, OptOut
from orchestration.contracts.odcs import contract_from
from orchestration.contracts.text import ContractError
from orchestration.ingest.dbt_macros import macro_sql
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.opt_outs import opt_outs_now, with_opt_outs
from orchestration.ingest.views import open_accepted

sys.path.insert(0, str(Path(__file__).parent))
from ingest_support import DAY1, DAY2, DAY3, drop, take

HEADER = "cell,mail,said_at,opted_out,note\n"


def vendor(name: str = "vendor", **changes: Any) -> Contract:
    """A vendor's list with a flag, free text and an e-mail address."""
    texts = {"channel": "sms", "contact": "cell", "at": "said_at", "when": "opted_out = 'true'"}
    said = {"channel": "sms", "contact": "cell", "at": "said_at", "message": "note"}
    mails = {"channel": "email", "contact": "mail", "at": "said_at", "when": "opted_out = 'mail'"}
    raw = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name, "name": name, "version": "1.0.0",
        "domain": "texting", "description": {"purpose": "tests"},
        "customProperties": [{"property": "kind", "value": changes.get("kind", "accumulate")}],
        "schema": [{
            "name": f"{name}_list", "description": "x", "dataGranularityDescription": "one row per person",
            "customProperties": [
                {"property": "reader", "value": {"members": r"^list.*\.csv$", "order": "by_name", "multiline": True}},
                {"property": "optOuts", "value": changes.get("rules", [texts, said, mails])},
            ],
            "properties": [
                {"name": c, "description": c, "classification": "contact", **changes.get(c, {})}
                for c in ("cell", "mail", "said_at", "opted_out", "note")
            ],
        }],
    }  # fmt: skip
    return contract_from(raw, path="tests")


def deliver(home: Path, day: str, *rows: str, source: str = "vendor", made: Contract | None = None) -> str:
    drop(home, day, (HEADER + "".join(f"{r}\n" for r in rows)).encode(), "list.csv", source)
    outcomes = take(home, made or vendor(source))
    (outcome,) = [o for o in outcomes if o.snapshot_date is not None and o.snapshot_date.isoformat() == day]
    assert outcome.status == "accepted", outcome.cause
    return outcome.delivery_id


def heard(home: Path, *contracts: Contract) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        open_accepted(con, home, {c.id: c for c in contracts or (vendor(),)})
        rows = con.execute("select channel, contact, opted_out_at::varchar, source from accepted.opt_outs").fetchall()
    return sorted(rows, key=str)


def test_a_later_export_without_the_opt_out_does_not_lift_it(tmp_path: Path) -> None:
    deliver(tmp_path, DAY1, "(919) 555-0101,,2026-08-30T10:00:00Z,true,")
    deliver(tmp_path, DAY2, "919-555-0101,,,false,", "919-555-0102,,,false,")
    assert heard(tmp_path) == [("sms", "+19195550101", "2026-08-30 10:00:00", "vendor")]


def test_a_correction_of_the_same_day_does_not_lift_it(tmp_path: Path) -> None:
    first = deliver(tmp_path, DAY1, "9195550101,,2026-08-30T10:00:00Z,true,")
    second = deliver(tmp_path, DAY1, "9195550101,,,false,")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert str(ledger.delivery(first).status) == "superseded"
        assert str(ledger.delivery(second).status) == "accepted"
    assert [row[1] for row in heard(tmp_path)] == ["+19195550101"]


def test_a_whole_list_that_lacks_it_does_not_lift_it(tmp_path: Path) -> None:
    made = vendor(kind="snapshot")
    deliver(tmp_path, DAY1, "9195550101,,2026-08-30,true,", made=made)
    deliver(tmp_path, DAY2, "9195550102,,,false,", made=made)
    with duckdb.connect() as con:
        open_accepted(con, tmp_path, {made.id: made})
        assert con.execute("select cell from accepted.vendor_list").fetchall() == [("9195550102",)]
    assert [row[1] for row in heard(tmp_path, made)] == ["+19195550101"]


def test_a_delivery_that_a_stricter_contract_refuses_today_still_speaks(tmp_path: Path) -> None:
    deliver(tmp_path, DAY1, "9195550101,,2026-08-30,true,", "9195550102,,,,")
    strict = vendor(said_at={"required": True})
    (outcome,) = take(tmp_path, strict)
    assert outcome.status == "refused"
    assert [row[1] for row in heard(tmp_path, strict)] == ["+19195550101"]


def test_rows_parsed_before_a_column_was_declared_still_speak(tmp_path: Path) -> None:
    deliver(tmp_path, DAY1, "9195550101,,2026-08-30,true,")
    (table,) = vendor().tables
    late = OptOut("sms", "cell", "said_at", "reason is not null")
    columns = (*table.columns, Column("reason", "reason", optional=True))
    wider = replace(vendor(), tables=(replace(table, columns=columns, opt_outs=(*table.opt_outs, late)),))
    with duckdb.connect() as con:
        opt_outs_now(tmp_path, {"vendor": wider}, con)
        assert con.execute("select contact from opt_outs_now").fetchall() == [("+19195550101",)]


def test_what_one_vendor_hears_holds_for_all(tmp_path: Path) -> None:
    one, other = vendor("one"), vendor("other")
    deliver(tmp_path, DAY1, "1 919 555 0101,,2026-08-30T10:00:00Z,true,", source="one")
    deliver(tmp_path, DAY2, "+19195550101,,,false,", "+19195550102,,,false,", source="other")
    with duckdb.connect() as con:
        contracts = {c.id: c for c in (one, other)}
        open_accepted(con, tmp_path, contracts)
        opt_outs_now(tmp_path, contracts, con)
        left = con.execute(
            "select cell from accepted.other_list where cell not in (select contact from opt_outs_now)"
        ).fetchall()
    assert left == [("+19195550102",)]


def test_an_export_hears_what_was_accepted_after_the_last_refresh(tmp_path: Path) -> None:
    deliver(tmp_path, DAY1, "9195550101,,2026-08-30T10:00:00Z,true,")
    contracts = {"vendor": vendor()}
    with duckdb.connect() as con:
        opt_outs_now(tmp_path, contracts, con)
        assert con.execute("select count(*) from opt_outs_now").fetchone() == (1,)
    deliver(tmp_path, DAY2, "9195550102,,2026-09-02T09:00:00Z,,STOP")
    with duckdb.connect() as con:
        opt_outs_now(tmp_path, contracts, con)
        assert con.execute(
            "select channel, contact, first_opted_out_at::varchar, source_count from opt_outs_now order by contact"
        ).fetchall() == [
            ("sms", "+19195550101", "2026-08-30 10:00:00", 1),
            ("sms", "+19195550102", "2026-09-02 09:00:00", 1),
        ]


def test_an_opt_out_whose_number_cannot_be_read_stays_and_is_counted(tmp_path: Path) -> None:
    deliver(tmp_path, DAY3, "555-01,,not a time,true,", "9195550101,,,true,")
    assert heard(tmp_path) == [
        ("sms", "+19195550101", "2026-09-03 00:00:00", "vendor"),
        ("sms", None, "2026-09-03 00:00:00", "vendor"),
    ]


def test_an_address_opts_out_of_mail_and_not_of_texts(tmp_path: Path) -> None:
    deliver(tmp_path, DAY1, "9195550101, Jo@Example.ORG ,2026-08-30T10:00:00Z,mail,")
    assert heard(tmp_path) == [("email", "jo@example.org", "2026-08-30 10:00:00", "vendor")]


@pytest.mark.parametrize(
    "message",
    [
        "stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stopall", "parar", "baja",
        "STOP", "Stop.", " stop!!! ", "please stop", "Stop, please", "STOP ALL", "stop stop STOP",
        "St\u200bop", "\u202estop\u202c", "opt-out", "Opt Out.", "UNSUBSCRIBE pls", "Don't text me!",
        "\"Quit\"", "end\n", "stop 🛑", "ALTO por favor", "No más", "no ma\u0301s", "Thanks, remove me",
        "Don’t contact me.", "Cancel",
    ],
)  # fmt: skip
def test_a_message_that_is_nothing_but_a_revocation_opts_out(message: str) -> None:
    assert duckdb.execute(f"select {macro_sql('is_revocation', 'm')} from (select ? as m)", [message]).fetchone() == (
        True,
    )


@pytest.mark.parametrize(
    "message",
    [
        "", " ", None, "I will not stop until we win", "yes", "who is this?", "The bus stop on Main",
        "When does it end?",
        "cancel culture is real", "no", "stopwatch", "Can you remove the sign", "para mi familia", "🛑", "123",
    ],
)  # fmt: skip
def test_a_message_that_says_more_is_left_to_the_person_who_reads_it(message: str | None) -> None:
    assert duckdb.execute(
        f"select {macro_sql('is_revocation', 'm')} from (select ?::varchar as m)", [message]
    ).fetchone() == (False,)


def test_a_channel_nobody_knows_is_refused_with_the_contract() -> None:
    with pytest.raises(ContractError, match=r"channel is 'fax'; expected one of sms"):
        vendor(rules=[{"channel": "fax", "contact": "cell", "at": "said_at"}])


def test_dbt_knows_the_table_and_who_feeds_it() -> None:
    sources = dbt_sources({"vendor": vendor()})
    assert "- name: opt_outs" in sources
    assert "contracts: [vendor]" in sources


def test_a_home_without_any_such_source_has_an_empty_table(tmp_path: Path) -> None:
    assert heard(tmp_path, *[c for c in load_contracts().values() if c.domain == "geography"]) == []
    assert [c.id for c in with_opt_outs({"vendor": vendor()})] == ["vendor"]
