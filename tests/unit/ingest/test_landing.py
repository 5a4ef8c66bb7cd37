"""Nothing that lies in landing is passed over in silence, and no name that others chose reaches a terminal as it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ingest_support import DAY1, DAY2, contract, drop, only, people, take, text

from orchestration.contracts.load import load_contracts
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.landing import Remarked, landed
from orchestration.ingest.legible import legible, listed, shortened
from orchestration.ingest.recognise import hint, place_strays

GOOD = people(200)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name.txt", "plain name.txt"),
        ("Wähler 選民", "Wähler 選民"),
        ("two\nlines", r"two\x0alines"),
        ("\u202evsc.x", r"\u202evsc.x"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\x1b[2J", r"\x1b[2J"),
        (os.fsdecode(b"v\xf6t"), r"v\xf6t"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_what_cannot_be_seen_is_written_out(name: str, shown: str) -> None:
    assert legible(name) == shown
    assert legible(shown) == shown


def test_long_names_and_long_lists_are_cut_and_say_so() -> None:
    assert shortened("x" * 300) == f"{'x' * 200}… (300 characters)"
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(i) for i in range(20)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 12 more"


def test_a_message_stays_on_its_line_whatever_the_names_in_it() -> None:
    said = str(DeliveryRefused("x", "a\nb", file="f\n[accepted]", column="\u202ec", expected="e\r", found="\x1b[2J"))
    assert said.isprintable()
    assert said.startswith(r"[x] f\x0a[accepted], column \u202ec: a\x0ab")


def test_every_entry_of_a_folder_is_a_file_or_a_remark(tmp_path: Path) -> None:
    folder = drop(tmp_path, DAY1, "x").parent
    (folder / "below").mkdir()
    (folder / "below" / "b.txt").write_text("x")
    (folder / ".hidden.txt").write_text("x")
    (folder / ".DS_Store").write_text("x")
    os.mkfifo(folder / "pipe")
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder.parent / "loose.txt").write_text("x")
    (folder.parent / "loose.txt.part").write_text("x")
    (folder.parent / "link").symlink_to(folder)
    ready, remarks = landed(tmp_path / "landing", "tiny_voters")
    assert [[p.name for p in d.files] for d in ready] == [["b.txt", "tiny.txt"]]
    found = {Path(r.place).name: (r.why, r.day and r.day.isoformat()) for r in remarks}
    assert found == {
        ".hidden.txt": (Remarked.PASSED_OVER, DAY1),
        "pipe": (Remarked.PASSED_OVER, DAY1),
        "link.txt": (Remarked.PASSED_OVER, DAY1),
        "loose.txt": (Remarked.MISPLACED, None),
        "loose.txt.part": (Remarked.WAITING, None),
        "link": (Remarked.PASSED_OVER, None),
    }


def test_a_waiting_folder_holds_up_no_other_day(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(people(201, DAY2)))
    drop(tmp_path, DAY2, "x", "more.txt.part")
    assert [(o.status, str(o.snapshot_date)) for o in take(tmp_path)] == [("waiting", DAY2), ("accepted", DAY1)]


def test_loose_files_that_are_no_deliveries_stay_where_they_are_and_are_told(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    os.mkfifo(landing / "pipe")
    (landing / "link.txt").symlink_to("/etc/passwd")
    (landing / ".hidden.csv").write_text("x")
    (landing / "big.zip.part").write_text("x")
    remarks = place_strays(tmp_path, load_contracts())
    assert [Path(r.split(": ")[0]).name for r in remarks] == [".hidden.csv", "big.zip.part", "link.txt", "pipe"]
    assert sorted(p.name for p in landing.iterdir()) == [".hidden.csv", "big.zip.part", "link.txt", "pipe"]


def test_a_correction_that_is_refused_is_told_until_it_is_taken_away(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    assert only(tmp_path).status == "accepted"
    worse = drop(tmp_path, DAY1, text(GOOD)[:-4])
    refused = only(tmp_path)
    assert (refused.status, "[cut_short]" in str(refused.cause)) == ("refused", True)
    worse.unlink()
    assert take(tmp_path) == []


def test_a_duplicate_comes_into_use_when_what_it_repeated_was_corrected(tmp_path: Path) -> None:
    still = contract(kind="snapshot", asOf=None)
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD))
    assert [o.status for o in take(tmp_path, still)] == ["accepted", "duplicate"]
    drop(tmp_path, DAY1, text(people(150)))
    # The bytes of the second day were found wrong for the first: they are told as such, not passed over.
    first, second = take(tmp_path, still)
    assert (first.status, second.status) == ("accepted", "refused")
    assert "[stale_resend]" in str(second.cause)


def test_a_file_of_its_own_source_is_sent_nowhere_else(tmp_path: Path) -> None:
    contracts = load_contracts()
    path = tmp_path / "results_pct_20221108.txt"
    names = [c.physical_name for c in contracts["nc_results"].tables[0].columns]
    path.write_text("\t".join(names) + "\t\n")
    assert hint([path], "nc_results", contracts) is None
    assert hint([path], "oh_results", contracts) == "It looks like a file of nc_results"
