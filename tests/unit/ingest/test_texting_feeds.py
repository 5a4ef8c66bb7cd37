"""Texting exports with everything that people write: it comes back as it went in, and no opt-out is lost on the way."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.contracts.load import ROOT, load_contract
from orchestration.contracts.model import Contract
from orchestration.ingest.opt_outs import opt_outs_now
from orchestration.ingest.views import open_accepted

sys.path.insert(0, str(Path(__file__).parent))
from ingest_support import DAY1, DAY2, drop, take

CONTRACTS: dict[str, Contract] = {
    name: load_contract(ROOT / "texting" / f"{name}.odcs.yaml") for name in ("hustle", "spoke", "thrutext")
}
PIECES = (
    "=HYPERLINK(\"http://example.org\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "'; drop table voters; --",
    "Robert'); DELETE FROM x;--", "a,b", "a\"b", "\"", "\"\"", "line\nline", "\n=1", "a\r\nb", "\u202eevil\u202c",
    "zero\u200bwidth", "\u2066x\u2069", "\ufeffbom", "👩‍👩‍👧", "💙", "é", "e\u0301", "漢字",
    "<script>alert(1)</script>", "{{ 7*7 }}", "\x01ctl\x7f", "\x1b[2J", "nul\x00nul", "${HOME}", "`id`",
    "%s%n", "\\", "\\N", "NULL", "null", "nan", "None", "0x1", "1e309", "a" * 5000, "[\"a\", \"b\"]",
    "{\"k\": \"v\"}", "|pipe|", ";semi;", "tab\tin", "--", "/*", "*/", "?", "á̈", "ﷺ", "\u00a0hard\u00a0space", "𝕊𝕥𝕠𝕡?",
)  # fmt: skip


def hostile() -> list[str]:
    """A thousand strings: every piece by itself, and pieces joined."""
    joined = [f"x{a}{b}y" for a in PIECES for b in PIECES]
    return ([f"{p}." for p in PIECES] + joined)[:1000]


def kept(value: str) -> str:
    """What a value is after the reader: line ends as LF, nothing behind the last visible character."""
    return value.replace("\r\n", "\n").rstrip()


def written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


def header(source: str, table: str) -> list[str]:
    return [c.physical_name for c in CONTRACTS[source].table(table).columns if not c.optional]


def row(names: Sequence[str], **values: str) -> list[str]:
    return [values.get(name, "") for name in names]


def number(i: int) -> str:
    return f"+1919555{i:04d}"


def spoke(home: Path, day: str, people: Iterable[dict[str, str]], messages: Iterable[dict[str, str]] = (),
          questions: Sequence[str] = ()) -> None:  # fmt: skip
    names = [*header("spoke", "spoke_contacts"), "contact[message_arm]", *[f"question[{q}]" for q in questions], "tags"]
    base = {"campaignId": "1", "contact[optOut]": "false", "contact[messageStatus]": "convo"}
    drop(home, day, written(names, [row(names, **(base | p)) for p in people]), "one.csv", "spoke")
    names = header("spoke", "spoke_messages")
    base = {"campaignId": "1", "isFromContact": "true", "attemptedAt": "2026-08-30T10:00:00.000Z"}
    texts = list(messages) or [{"contactNumber": number(9999), "isFromContact": "false"}]
    drop(home, day, written(names, [row(names, **(base | m)) for m in texts]), "one-messages.csv", "spoke")


def hustle(home: Path, day: str, leads: Iterable[dict[str, str]], messages: Iterable[dict[str, str]] = ()) -> None:
    sides: dict[str, list[dict[str, str]]] = {
        "leads": [{"global_opted_out": "false"} | lead for lead in leads],
        "messages": list(messages)
        or [{"id": "m", "thread_id": "t", "lead_id": "none", "direction": "outbound", "created_at": "2026-08-30"}],
        "goals": [{"id": "g"}], "lead_tags": [], "tags": [],
    }  # fmt: skip
    for name, rows in sides.items():
        names = header("hustle", f"hustle_{name}")
        drop(home, day, written(names, [row(names, **r) for r in rows]), f"{name}.csv", "hustle")


def taken(home: Path, source: str) -> duckdb.DuckDBPyConnection:
    """Take everything in and open it; every delivery must be accepted with every line accounted for."""
    for outcome in take(home, CONTRACTS[source]):
        assert outcome.status == "accepted", outcome.cause
        assert outcome.lines == outcome.accepted
    con = duckdb.connect()
    open_accepted(con, home, CONTRACTS)
    return con


def values(con: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return [r[0] for r in con.execute(query).fetchall()]


def test_a_thousand_hostile_names_tags_questions_and_texts_come_back_as_they_went_in(tmp_path: Path) -> None:
    strings = hostile()
    assert len(strings) == 1000
    people = [
        {"contact[cell]": number(i), "contact[firstName]": s, "contact[lastName]": s, "tags": f"[{s}]",
         "question[Why, \"oh\"\nwhy?]": s}
        for i, s in enumerate(strings)
    ]  # fmt: skip
    texts = [{"contactNumber": number(i), "text": s} for i, s in enumerate(strings)]
    spoke(tmp_path, DAY1, people, texts, questions=['Why, "oh"\nwhy?'])
    con = taken(tmp_path, "spoke")
    expected = [kept(s) for s in strings]
    assert values(con, "select first_name from accepted.spoke_contacts order by cell") == expected
    assert values(con, "select tags from accepted.spoke_contacts order by cell") == [kept(f"[{s}]") for s in strings]
    assert values(con, "select text from accepted.spoke_messages order by contact_number") == expected
    assert values(con, "select answer from accepted.spoke_answers order by cell") == expected
    assert set(values(con, "select question from accepted.spoke_answers")) == {'Why, "oh"\nwhy?'}


def test_hostile_questions_are_columns_like_any_other(tmp_path: Path) -> None:
    asked = sorted({kept(p).strip() for p in PIECES if p.strip() and "\r" not in p and "\x00" not in p})
    answers = {f"question[{q}]": f"answer {i}" for i, q in enumerate(asked)}
    spoke(tmp_path, DAY1, [{"contact[cell]": number(1), **answers}], questions=asked)
    con = taken(tmp_path, "spoke")
    found = con.execute("select question, answer from accepted.spoke_answers").fetchall()
    assert sorted(found) == sorted((q, f"answer {i}") for i, q in enumerate(asked))


def test_a_header_that_holds_a_nul_is_none(tmp_path: Path) -> None:
    spoke(tmp_path, DAY1, [{"contact[cell]": number(1)}], questions=["a\x00b"])
    (outcome,) = take(tmp_path, CONTRACTS["spoke"])
    assert outcome.status == "refused"
    assert "no_header" in (outcome.cause or "")


def test_the_two_builds_of_spoke_lie_side_by_side_in_one_delivery(tmp_path: Path) -> None:
    spoke(tmp_path, DAY1, [{"contact[cell]": number(1)}], questions=["A?"])
    moveon = [n for n in header("spoke", "spoke_contacts") if n != "tags"]
    moveon[2:2] = ["assignmentId", "texter[firstName]", "texter[lastName]", "texter[email]", "texter[cell]",
                   "texter[assignedCell]"]  # fmt: skip
    line = row(moveon, campaignId="2", **{"contact[cell]": number(1), "contact[optOut]": "true",
                                          "contact[messageStatus]": "closed"})  # fmt: skip
    drop(tmp_path, DAY1, written([*moveon, "question[B?]"], [[*line, "yes"]]), "two.csv", "spoke")
    con = taken(tmp_path, "spoke")
    assert con.execute("select question, answer from accepted.spoke_answers").fetchall() == [("B?", "yes")]
    assert values(con, "select contact from accepted.opt_outs") == [number(1)]


def test_a_contact_field_that_nobody_declared_stops_the_file(tmp_path: Path) -> None:
    names = [*header("spoke", "spoke_contacts"), "contact[ssn]"]
    drop(tmp_path, DAY1, written(names, [row(names, campaignId="1", **{"contact[cell]": number(1)})]), "a.csv", "spoke")
    (outcome,) = take(tmp_path, CONTRACTS["spoke"])
    assert outcome.status == "refused"
    assert "contact[ssn]" in (outcome.cause or "")


def test_a_line_that_may_be_an_opt_out_is_never_set_aside(tmp_path: Path) -> None:
    spoke(tmp_path, DAY1, [{"contact[cell]": number(i)} for i in range(1, 1001)])
    path = tmp_path / "landing" / "spoke" / DAY1 / "one.csv"
    path.write_bytes(path.read_bytes() + b"1,short\n")
    (outcome,) = take(tmp_path, CONTRACTS["spoke"])
    assert outcome.status == "refused"
    assert CONTRACTS["spoke"].on_refusal == "stop"


def test_an_opt_out_written_in_a_new_way_stops_the_file(tmp_path: Path) -> None:
    spoke(tmp_path, DAY1, [{"contact[cell]": number(1), "contact[optOut]": "opted out"}])
    (outcome,) = take(tmp_path, CONTRACTS["spoke"])
    assert outcome.status == "refused"
    assert "opt_out_is_known" in (outcome.cause or "")


@pytest.mark.parametrize("text", ["STOP", "please stop!", "Sto\u200bp", "\u202eUNSUBSCRIBE\u202c", "no más", "Stop\n"])
def test_a_word_in_a_text_to_hustle_keeps_the_number_out_of_spokes_list(tmp_path: Path, text: str) -> None:
    leads = [{"id": "L1", "phone_number": "(919) 555-0101"}, {"id": "L2", "phone_number": number(102)}]
    said = {"id": "m1", "thread_id": "t1", "lead_id": "L1", "direction": "inbound", "message": text,
            "created_at": "2026-08-30T10:00:00Z"}  # fmt: skip
    hustle(tmp_path, DAY1, leads, [said, said | {"id": "m2", "lead_id": "L2", "direction": "outbound"}])
    spoke(tmp_path, DAY2, [{"contact[cell]": number(101)}, {"contact[cell]": number(102)}])
    taken(tmp_path, "hustle").close()
    con = taken(tmp_path, "spoke")
    opt_outs_now(tmp_path, CONTRACTS, con)
    left = "select cell from accepted.spoke_contacts where cell not in (select contact from opt_outs_now)"
    assert values(con, left) == [number(102)]
    assert values(con, "select opted_out_at::varchar from accepted.opt_outs") == ["2026-08-30 10:00:00"]


def test_a_word_of_somebody_on_no_list_is_counted_as_unreadable(tmp_path: Path) -> None:
    said = {"id": "m1", "thread_id": "t1", "lead_id": "gone", "direction": "inbound", "message": "STOP",
            "created_at": "2026-08-30T10:00:00Z"}  # fmt: skip
    hustle(tmp_path, DAY1, [{"id": "L1", "phone_number": number(1)}], [said])
    con = taken(tmp_path, "hustle")
    assert con.execute("select contact, source from accepted.opt_outs").fetchall() == [(None, "hustle")]


def test_every_number_a_lead_ever_had_is_opted_out_with_it(tmp_path: Path) -> None:
    hustle(tmp_path, DAY1, [{"id": "L1", "phone_number": number(1)}])
    said = {"id": "m1", "thread_id": "t1", "lead_id": "L1", "direction": "inbound", "message": "STOP",
            "created_at": "2026-09-02T10:00:00Z"}  # fmt: skip
    hustle(tmp_path, DAY2, [{"id": "L1", "phone_number": number(2)}], [said])
    con = taken(tmp_path, "hustle")
    assert sorted(values(con, "select contact from accepted.opt_outs")) == [number(1), number(2)]
