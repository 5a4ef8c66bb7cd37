"""Hostile text in names, tags and messages goes through load and export unharmed and harmless."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import duckdb
import outreach_world as ow
import pytest
from hostile import hostile_texts
from outreach_world import Person, World, phone, publish

from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import ingest_source
from orchestration.ingest.views import open_accepted
from orchestration.outreach.safe_csv import TRIGGERS, cell, clean

TEXTS = hostile_texts()
STARTS = set("=+-@\t\r\n|%")
CONTACTS = [
    "campaignId", "campaign", "contact[firstName]", "contact[lastName]", "contact[cell]", "contact[zip]",
    "contact[city]", "contact[state]", "contact[optOut]", "contact[messageStatus]", "question[Support us?]", "tags",
]  # fmt: skip
MESSAGES = [
    "assignmentId", "userNumber", "contactNumber", "isFromContact", "numSegments", "numMedia", "sendStatus",
    "errorCodes", "attemptedAt", "text", "campaignId",
]  # fmt: skip


def number(i: int) -> str:
    return f"+1919{200 + i // 10000}{i % 10000:04d}"


def as_stored(text: str) -> str | None:
    """What the archive keeps: the text as received, CR LF as one line feed, no blanks at its end."""
    return text.replace("\r\n", "\n").rstrip() or None


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Spoke export whose names, tags and messages are hostile, taken in by the shipped contract and gate."""
    home = tmp_path_factory.mktemp("hostile")
    folder = home / "landing" / "spoke" / "2026-09-01"
    folder.mkdir(parents=True)
    people = [
        ["7", "c", text, text, number(i), "27513", "Cary", "NC", "false", "messaged", text, text]
        for i, text in enumerate(TEXTS)
    ]
    sent = [
        ["9", "+12025550143", number(i), "true", "1", "0", "DELIVERED", "", "2026-08-30T10:00:00.000Z", text, "7"]
        for i, text in enumerate(TEXTS)
    ]
    for name, header, rows in (("campaign-7", CONTACTS, people), ("campaign-7-messages", MESSAGES, sent)):
        buffer = io.StringIO(newline="")
        csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
        (folder / f"{name}.csv").write_bytes(buffer.getvalue().encode())
    (outcome,) = ingest_source(home, load_contracts()["spoke"])
    assert (outcome.status, outcome.quarantined, outcome.cause) == ("accepted", 0, None)
    return home


def test_a_thousand_texts_are_loaded_as_they_were_sent(loaded: Path) -> None:
    assert len(TEXTS) == len([t for t in TEXTS if t]) == 1000
    with duckdb.connect() as con:
        open_accepted(con, loaded, {"spoke": load_contracts()["spoke"]})
        rows = con.execute("select cell, first_name, last_name, tags from accepted.spoke_contacts").fetchall()
        said = dict(con.execute("select contact_number, text from accepted.spoke_messages").fetchall())
    found = {row[0]: row[1:] for row in rows}
    wrong = [i for i, text in enumerate(TEXTS) if found[number(i)] != (as_stored(text),) * 3]
    wrong += [i for i, text in enumerate(TEXTS) if said[number(i)] != as_stored(text)]
    assert [(TEXTS[i], found[number(i)][0], said[number(i)]) for i in wrong] == []


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Everybody with a hostile name and address, handed out through every channel."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "out").mkdir()
    people = [
        Person(i, first=text, last=text, phone=number(i), email=f"p{i}@example.org", address=f"{i + 1} Oak St {text}")
        for i, text in enumerate(TEXTS)
    ]
    made = World(publish(folder / "home", people), folder / "out")
    for vendor in ("hustle", "spoke", "thrutext"):
        made.export(f"{vendor}.csv", vendor=vendor)
    for channel in ("phone", "email", "mail", "walk", "digital"):
        made.export(f"{channel}.csv", channel=channel, platform="meta" if channel == "digital" else None)
    return made


FILES = ("hustle", "spoke", "thrutext", "phone", "email", "mail", "walk", "digital")


@pytest.mark.parametrize("file", FILES)
def test_no_cell_of_an_export_starts_a_formula_or_hides_a_character(exported: World, file: str) -> None:
    text = (exported.out / f"{file}.csv").read_bytes().decode("utf-8")
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(table) == 1001
    assert {len(row) for row in table} == {len(table[0])}
    for row in table:
        for value in row:
            assert value[:1] not in STARTS
            assert unicodedata.normalize("NFKC", value[:1])[:1] not in STARTS
            assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in value)


@pytest.mark.parametrize(("file", "key", "first"), [
    ("spoke", "external_id", "firstName"), ("hustle", "External ID", "First Name"), ("walk", "person_id", "first_name"),
])  # fmt: skip
def test_what_can_be_seen_of_a_name_arrives_unharmed(exported: World, file: str, key: str, first: str) -> None:
    found = {row[key]: row[first] for row in exported.rows(f"{file}.csv")}
    for i, text in enumerate(TEXTS):
        value = found[f"NC-{i}"]
        assert value.removeprefix("'") == clean(text).removeprefix("'")
    assert found[f"NC-{TEXTS.index('李小龍')}"] == "李小龍"
    assert found[f"NC-{TEXTS.index('🙂 Sam')}"] == "🙂 Sam"
    assert found[f"NC-{TEXTS.index('Ann-Marie')}"] == "Ann-Marie"


def test_the_data_base_is_untouched_by_sql_in_names(exported: World) -> None:
    with duckdb.connect(str(exported.home / "current" / "people.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from voters_people").fetchone() == (1000,)
    assert len((exported.home / "exports.jsonl").read_text().splitlines()) == len(FILES)


@pytest.mark.parametrize("sign", sorted(TRIGGERS))
def test_a_formula_is_defused_however_it_is_disguised(sign: str) -> None:
    wide = {"=": "＝", "+": "＋", "-": "－", "@": "＠", "|": "｜", "%": "％"}.get(sign, sign)
    for before in ("", " ", "\u200b", "\ufeff", "\u202e", "\t", "\r\n", "\u3164", "\u0000"):
        for first in (sign, wide):
            said = cell(f"{before}{first}1+1")
            assert said[:1] not in STARTS
            assert unicodedata.normalize("NFKC", said[:1]) not in STARTS


def test_a_number_is_written_as_digits_and_no_formula(tmp_path: Path) -> None:
    small = ow.world(tmp_path, Person(1, phone=phone(101)))
    small.export()
    assert small.rows()[0]["cell"] == "19195550101"
