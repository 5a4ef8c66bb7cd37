"""Receiving: archives are opened safely, the same bytes cost nothing, the ledger tells every step."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest
from ingest_support import DAY1, DAY2, contract, drop, only, packed, people, quick_gate, take, text, ticking

from orchestration.contracts.load import load_contracts
from orchestration.gates.checks import Check, CheckResult
from orchestration.ingest import archive, judging
from orchestration.ingest.ledger import Ledger, Status
from orchestration.ingest.recognise import place_strays
from orchestration.ingest.store import DamagedArchive
from orchestration.ingest.views import accepted_views

GOOD = people(300)


def cause(home: Path) -> str:
    outcome = only(home)
    assert outcome.status == "refused", outcome
    return str(outcome.cause)


def test_plain_zip_and_gzip_of_the_same_file_are_the_same_delivery(tmp_path: Path) -> None:
    content = text(GOOD)
    drop(tmp_path / "a", DAY1, content)
    drop(tmp_path / "b", DAY1, packed({"tiny.txt": content}), "any name.zip")
    drop(tmp_path / "c", DAY1, gzip.compress(content.encode()), "tiny.txt.gz")
    ids = {only(tmp_path / name).delivery_id for name in "abc"}
    assert len(ids) == 1


@pytest.mark.parametrize("name", ["/etc/tiny.txt", "../../tiny.txt", "a/../../tiny.txt", "C:/tiny.txt"])
def test_a_member_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    drop(tmp_path, DAY1, packed({name: text(GOOD)}), "x.zip")
    assert "[unsafe_member]" in cause(tmp_path)
    assert not (tmp_path.parent / "tiny.txt").exists()


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("tiny.txt")
    info.external_attr = 0o120777 << 16
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(info, "/etc/passwd")
    drop(tmp_path, DAY1, path.read_bytes(), "x.zip")
    assert "[unsafe_member]" in cause(tmp_path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("tiny.txt", text(GOOD))
        made.writestr("tiny.txt", text(GOOD[:5]))
    drop(tmp_path, DAY1, path.read_bytes(), "x.zip")
    assert "[doubled_member]" in cause(tmp_path)


def test_members_of_one_base_name_in_two_folders_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, packed({"tiny.txt": text(GOOD), "copy/tiny.txt": text(GOOD)}), "x.zip")
    assert "[doubled_member]" in cause(tmp_path)


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, packed({"tiny.txt": packed({"tiny.txt": text(GOOD)})}), "x.zip")
    assert "[nested_archive]" in cause(tmp_path)


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, packed({"tiny.txt": text(GOOD)})[:-30], "x.zip")
    assert "[damaged_archive]" in cause(tmp_path)


def test_a_flipped_byte_in_an_archive_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed({"tiny.txt": text(GOOD)}))
    data[len(data) // 2] ^= 0xFF
    drop(tmp_path, DAY1, bytes(data), "x.zip")
    assert "[damaged_archive]" in cause(tmp_path)


@pytest.mark.parametrize("damage", ["crc", "cut"])
def test_a_damaged_gzip_is_refused(tmp_path: Path, damage: str) -> None:
    data = bytearray(gzip.compress(text(GOOD).encode()))
    if damage == "crc":
        data[-6] ^= 0xFF
    else:
        del data[-20:]
    drop(tmp_path, DAY1, bytes(data), "tiny.txt.gz")
    assert "[damaged_archive]" in cause(tmp_path)


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, packed({"tiny.txt": b"\0" * (60 << 20)}), "x.zip")
    assert "[archive_too_large]" in cause(tmp_path)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(packed({"tiny.txt": text(GOOD)}))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(marker) + offset] |= 1
    drop(tmp_path, DAY1, bytes(data), "x.zip")
    assert "[encrypted_member]" in cause(tmp_path)


def test_the_same_bytes_twice_are_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    first = only(tmp_path)
    monkeypatch.setattr(judging, "read_members", None)
    again = only(tmp_path)
    assert (again.delivery_id, again.status, again.seconds) == (first.delivery_id, "accepted", 0.0)
    drop(tmp_path, DAY1, text(GOOD))
    assert only(tmp_path).seconds == 0.0
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [s["step"] for s in ledger.steps(first.delivery_id)] == ["received", "parsed", "gated", "accepted"]


def test_a_change_of_wording_in_the_contract_does_not_parse_anew_but_a_new_rule_judges_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    only(tmp_path)
    monkeypatch.setattr(judging, "read_members", None)
    worded = contract(columns=[{"name": "first_name", "description": "another wording"}])
    assert only(tmp_path, worded).seconds == 0.0
    rule = {"name": "names_are_long", "metric": "invalidValues", "arguments": {"pattern": ".{50,}"},
            "description": "why"}  # fmt: skip
    strict = contract(columns=[{"name": "first_name", "quality": [rule]}])
    outcome = only(tmp_path, strict)
    assert outcome.status == "refused"
    assert "names_are_long" in str(outcome.cause)
    assert only(tmp_path).status == "accepted"


def test_a_snapshot_sent_again_unchanged_is_no_news_and_keeps_its_date(tmp_path: Path) -> None:
    still = contract(kind="snapshot", asOf=None)
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD))
    first, second = take(tmp_path, still)
    assert (first.status, second.status) == ("accepted", "duplicate")
    assert first.delivery_id in str(second.cause)
    select = accepted_views(tmp_path, {"tiny_voters": still})["tiny_voters"]
    assert duckdb.sql(f"select distinct snapshot_date::varchar from ({select})").fetchall() == [(DAY1,)]


def test_an_upload_under_way_is_left_for_the_next_time(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    part = drop(tmp_path, DAY1, "x", "tiny_b.txt.part")
    waiting = only(tmp_path)
    assert (waiting.status, waiting.lines) == ("waiting", 0)
    assert "tiny_b.txt.part: an upload is still under way" in str(waiting.cause)
    part.unlink()
    assert only(tmp_path).status == "accepted"


def test_a_growing_file_is_left_for_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.ingest import landing

    path = drop(tmp_path, DAY1, text(GOOD))

    def grow(seconds: float) -> None:
        with path.open("a") as file:
            file.write(text(people(3, first=7000), header=None))

    monkeypatch.setattr(landing.time, "sleep", grow)
    waiting = only(tmp_path, settle=1.0)
    assert (waiting.status, waiting.lines) == ("waiting", 0)
    assert "tiny.txt: still growing" in str(waiting.cause)
    monkeypatch.setattr(landing.time, "sleep", lambda seconds: None)
    assert only(tmp_path, settle=1.0, made=contract(asOf=None)).accepted == 303


def test_archived_bytes_are_read_only_and_named_by_their_hash(tmp_path: Path) -> None:
    import hashlib

    path = drop(tmp_path, DAY1, text(GOOD))
    only(tmp_path)
    (stored,) = [p for p in (tmp_path / "archive" / "objects").iterdir() if not p.name.startswith(".")]
    assert stored.name == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stored.stat().st_mode & 0o222 == 0


def test_accepted_rows_with_a_flipped_byte_are_noticed(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    path = only(tmp_path).tables["tiny_voters"]
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DamagedArchive, match="parse the delivery anew"):
        accepted_views(tmp_path, {"tiny_voters": contract()})


def test_accepted_rows_that_were_lost_are_parsed_anew_from_the_archive(tmp_path: Path) -> None:
    import shutil

    path = drop(tmp_path, DAY1, text(GOOD))
    first = only(tmp_path)
    shutil.rmtree(first.tables["tiny_voters"].parent)
    path.unlink()
    with pytest.raises(DamagedArchive, match="next refresh parses them anew"):
        accepted_views(tmp_path, {"tiny_voters": contract()})
    again = only(tmp_path)
    assert (again.status, again.accepted) == ("accepted", 300)
    assert again.tables["tiny_voters"].exists()
    accepted_views(tmp_path, {"tiny_voters": contract()})


def test_a_refusal_by_comparison_is_looked_at_again_when_the_other_delivery_was_corrected(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(people(600)))
    drop(tmp_path, DAY2, text(people(300, DAY2)))
    clock = ticking()
    assert [o.status for o in take(tmp_path, clock=clock)] == ["accepted", "refused"]
    assert [o.seconds for o in take(tmp_path, clock=clock)] == [0.0, 0.0]
    drop(tmp_path, DAY1, text(GOOD))
    assert [o.status for o in take(tmp_path, clock=clock)] == ["accepted", "accepted"]


def test_hidden_files_neither_count_nor_hinder(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY1, "x", ".DS_Store")
    assert only(tmp_path).accepted == 300


def test_nobody_else_may_look_into_the_archive(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    only(tmp_path)
    assert (tmp_path / "archive").stat().st_mode & 0o077 == 0


def test_an_override_lets_one_delivery_pass_until_it_expires_and_is_shown(tmp_path: Path) -> None:
    from orchestration.ingest.views import deliveries_in_use

    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(people(200, DAY2)))
    refused = take(tmp_path)[1]
    assert "[rows_fell]" in str(refused.cause)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_override(
            refused.delivery_id, "court-ordered purge", "A. Person", "2026-09-04T12:00:00", "2026-09-05"
        )
    late = ticking()
    assert take(tmp_path, clock=lambda: "2026-09-06T00:00:00")[1].status == "refused"
    assert take(tmp_path, clock=lambda: late().replace("T00", "T13"))[1].status == "accepted"
    (used,) = deliveries_in_use(tmp_path, {"tiny_voters": contract()})
    assert used["override"] == "A. Person: court-ordered purge"
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        steps = ledger.steps(refused.delivery_id)
    assert any(s["step"] == "overridden" and "rows_fell" in s["cause"] for s in steps)


def test_an_override_of_a_check_lets_only_that_check_pass(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([[*r[:4], "bad", *r[5:]] for r in GOOD]))
    first = only(tmp_path)
    assert "zip_is_a_zip" in str(first.cause)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_override("tiny_voters.zip_is_a_zip", "known", "A. Person", "2026-09-04T12:00:00", "2026-09-30")
    clock = "2026-09-04T13:00:00"
    assert only(tmp_path, clock=lambda: clock).status == "accepted"


def test_no_override_makes_unreadable_bytes_readable(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD).encode("utf-16"))
    refused = only(tmp_path)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.add_override(refused.delivery_id, "try", "A. Person", "2026-09-04T12:00:00", "2026-09-30")
    assert only(tmp_path, clock=lambda: "2026-09-04T13:00:00").status == "refused"


@pytest.mark.parametrize(("reason", "who", "until"), [("", "A", "2027"), ("why", " ", "2027"), ("why", "A", "2026")])
def test_an_override_without_reason_name_or_later_expiry_is_not_taken(
    tmp_path: Path, reason: str, who: str, until: str
) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger, pytest.raises(ValueError, match="override"):
        ledger.add_override("x", reason, who, "2026-09-04", until)


def test_the_ledger_tells_deliveries_by_source_status_and_content(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD)[:-4])
    good, bad = take(tmp_path)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [d.id for d in ledger.deliveries()] == [bad.delivery_id, good.delivery_id]
        assert [d.id for d in ledger.deliveries("tiny_voters", Status.REFUSED)] == [bad.delivery_id]
        assert ledger.deliveries("other") == []
        row = ledger.delivery(good.delivery_id)
        assert row is not None
        assert (row.lines_received, row.rows_accepted, row.rows_quarantined) == (300, 300, 0)
        assert row.newest_content_date is not None
        assert ledger.with_content("tiny_voters", row.content_sha256) == [row]
        assert {r["check_id"] for r in ledger.check_results(good.delivery_id)} >= {"tiny_voters.zip_is_a_zip"}
        (file,) = ledger.files(good.delivery_id)
        assert (file["member"], file["lines"]) == ("tiny.txt", 301)


def test_a_loose_file_is_placed_by_its_content_and_the_day_in_its_name(tmp_path: Path) -> None:
    nc = load_contracts()["nc_voters"]
    header = "\t".join(f'"{c.name}"' for c in nc.tables[0].columns if c.until is None)
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "download_20260905.txt").write_text(header + "\n")
    (landing / "undated.txt").write_text(header + "\n")
    (landing / "holiday.txt").write_text("dear diary\n")
    (landing / "ohio").mkdir()
    remarks = place_strays(tmp_path, load_contracts())
    assert any("ohio: no contract is called ohio" in r for r in remarks)
    assert (landing / "nc_voters" / "2026-09-05" / "download_20260905.txt").exists()
    assert any("undated.txt: a file of nc_voters, but its name says no day" in r for r in remarks)
    assert any("holiday.txt: no contract describes such a file" in r for r in remarks)


def test_a_file_in_another_sources_folder_is_refused_with_a_hint(tmp_path: Path) -> None:
    contracts = load_contracts()
    header = ",".join(c.physical_name for c in contracts["va_voters"].tables[0].columns if c.until is None)
    drop(tmp_path, DAY1, header + "\n" + ",".join("1" for _ in header.split(",")) + "\n", "x.csv", "va_history")
    (outcome,) = take(tmp_path, contracts["va_history"])
    assert outcome.status == "refused"
    assert "It looks like a file of va_voters" in str(outcome.cause)


def test_the_gate_sees_exactly_the_rows_that_were_accepted(tmp_path: Path) -> None:
    seen = []

    def spy(files: Mapping[str, Path], checks: Sequence[Check]) -> list[CheckResult]:
        seen.append(duckdb.sql(f"select count(*) from '{files['accepted.tiny_voters']}'").fetchone())
        return quick_gate(files, checks)

    drop(tmp_path, DAY1, text([["", *GOOD[0][1:]], *GOOD[1:]]))
    assert only(tmp_path, gate=spy).status == "accepted"
    assert seen == [(299,)]


def test_a_gate_that_forgets_a_check_is_an_error_not_a_pass(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    with pytest.raises(AssertionError, match="results"):
        only(tmp_path, gate=lambda files, checks: [])


def test_limits_on_members_hold(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(packed({f"{i}.txt": "x" for i in range(30)}))
    with pytest.raises(Exception, match="too many files"):
        archive._zip_entries(path, "many.zip", archive.Limits(max_members=10))
