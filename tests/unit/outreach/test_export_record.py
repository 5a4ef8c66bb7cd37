"""File and record of an export belong together, whatever is interrupted and whoever meddles."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import outreach_world as ow
import pytest
from outreach_world import Person, phone, world

from orchestration.faults import FaultRaised, armed
from orchestration.outreach import deployments, record
from orchestration.publish import chain


def small_world(folder: Path) -> ow.World:
    return world(folder, *(Person(n, phone=phone(n)) for n in (101, 102)))


def deployed(home: Path) -> list[tuple[str, int]]:
    with duckdb.connect() as con:
        deployments.write_deployments(con, home)
        return con.execute("select universe_id, people from config.deployments").fetchall()


def visible(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


@pytest.mark.parametrize("where", ["export.noted", "export.file", "export.members"])
def test_a_crash_before_the_record_leaves_no_file_and_no_entry(tmp_path: Path, where: str) -> None:
    small = small_world(tmp_path)
    with pytest.raises(FaultRaised), armed(f"{where}:raise"):
        small.export("a.csv")
    assert visible(small.out) == []
    assert record.kept_exports(small.home) == []
    made = small.export("b.csv")
    assert [p.name for p in small.out.iterdir()] == ["b.csv"]
    assert [k.export_id for k in record.kept_exports(small.home)] == [made["export_id"]]
    assert record.problems(small.home) == []


@pytest.mark.parametrize("where", ["export.recorded", "export.named"])
def test_a_crash_after_the_record_is_finished_by_whoever_comes_next(tmp_path: Path, where: str) -> None:
    small = small_world(tmp_path)
    with pytest.raises(FaultRaised), armed(f"{where}:raise"):
        small.export("a.csv")
    assert record.recover(small.home) == [
        f"export {record.kept_exports(small.home)[0].export_id} was interrupted after it was recorded: finished"
    ]
    assert [p.name for p in small.out.iterdir()] == ["a.csv"]
    (kept,) = record.kept_exports(small.home)
    assert (kept.void, kept.faults) == (False, ())
    assert record.recover(small.home) == []
    assert deployed(small.home) == [("gotv", 2)]


def test_a_recorded_export_whose_file_was_lost_on_the_way_is_void_and_nobody_counts_as_approached(
    tmp_path: Path,
) -> None:
    small = small_world(tmp_path)
    with pytest.raises(FaultRaised), armed("export.recorded:raise"):
        small.export("a.csv")
    for hidden in small.out.iterdir():
        hidden.unlink()
    assert [said.endswith("void") for said in record.recover(small.home)] == [True]
    assert [k.void for k in record.kept_exports(small.home)] == [True]
    assert record.problems(small.home) == []
    assert deployed(small.home) == []


def edited(path: Path, line: int, before: str, after: str) -> None:
    lines = path.read_text().splitlines(keepends=True)
    assert before in lines[line]
    lines[line] = lines[line].replace(before, after)
    path.write_text("".join(lines))


@pytest.mark.parametrize("line", [0, 1, 2], ids=["first", "middle", "last"])
def test_an_edited_line_is_detected_and_stops_further_exports(tmp_path: Path, line: int) -> None:
    small = small_world(tmp_path)
    for n in range(3):
        small.export(f"{n}.csv")
    assert record.problems(small.home) == []
    edited(small.home / "exports.jsonl", line, '"people": 2', '"people": 1')
    assert any(f"line {line + 1} " in said for said in record.problems(small.home))
    with pytest.raises(record.TamperedRecord, match="restore the file"):
        small.export("more.csv")
    assert visible(small.out) == ["0.csv", "1.csv", "2.csv"]
    assert deployed(small.home) == []


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_that_was_taken_out_is_detected_even_the_last(tmp_path: Path, line: int) -> None:
    small = small_world(tmp_path)
    for n in range(2):
        small.export(f"{n}.csv")
    path = small.home / "exports.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    del lines[line]
    path.write_text("".join(lines))
    assert record.problems(small.home) != []


def test_altered_members_are_detected_and_left_out_of_the_deployments(tmp_path: Path) -> None:
    small = small_world(tmp_path)
    first, second = (small.export(f"{n}.csv") for n in range(2))
    (small.home / "exports" / first["export_id"] / "members.parquet").write_bytes(b"PAR1")
    assert record.problems(small.home) == [
        f"export {first['export_id']}: its list of members is missing or was altered"
    ]
    with duckdb.connect() as con:
        remarks = deployments.write_deployments(con, small.home)
        assert con.execute("select export_id from config.deployments").fetchall() == [(second["export_id"],)]
        assert con.execute("select count(*), max(arm) from config.deployment_members").fetchone() == (2, "contact")
    assert first["export_id"] in remarks[0]


def test_members_and_record_are_private(tmp_path: Path) -> None:
    small = small_world(tmp_path)
    made = small.export()
    folder = small.home / "exports" / made["export_id"]
    modes = {p.name: p.stat().st_mode & 0o777 for p in [folder, *folder.iterdir(), small.home / "exports.jsonl"]}
    assert modes == {made["export_id"]: 0o700, "members.parquet": 0o600, "entry.json": 0o600, "exports.jsonl": 0o600}


def test_an_export_changes_what_the_next_release_is_made_from(tmp_path: Path) -> None:
    small = small_world(tmp_path)
    before = deployments.exports_hash(small.home)
    assert deployments.exports_hash(small.home) == before
    small.export()
    assert deployments.exports_hash(small.home) != before


def test_a_line_torn_by_a_crash_is_no_export_and_no_meddling(tmp_path: Path) -> None:
    small = small_world(tmp_path)
    small.export("a.csv")
    with pytest.raises(FaultRaised), armed("export.members:raise"):
        small.export("b.csv")
    with (small.home / "exports.jsonl").open("ab") as torn:
        torn.write(b'{"action": "export", "export_id": "E2')
    small.export("c.csv")
    assert visible(small.out) == ["a.csv", "c.csv"]
    assert record.problems(small.home) == []


def test_a_sealed_line_vouches_for_itself_and_a_torn_one_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    chain.append(path, {"text": "line\u2028separator\u0085and more"}, seal=True)
    chain.append(path, {"text": "two"}, seal=True)
    assert [e["text"] for e in chain.entries(path)] == ["line\u2028separator\u0085and more", "two"]
    assert chain.tampered_lines(path) == ()
    with path.open("ab") as torn:
        torn.write(b'{"text": "thr')
    chain.append(path, {"text": "four"}, seal=True)
    assert [e["text"] for e in chain.entries(path)][-1] == "four"
    assert json.loads(path.read_bytes().split(b"\n")[0])["line_hash"]
