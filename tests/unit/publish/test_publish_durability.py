"""Nothing of a release is pointed to before a power cut could no longer take it away."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from publish_samples import demanded
from support.durability import watching

from orchestration.publish import chain, history
from orchestration.publish import files as fs
from orchestration.publish.releases import publish_demanded, retain, rollback

Candidate = Callable[..., Path]


def published(folder: Path, home: Path) -> None:
    publish_demanded(folder, folder / "gate.json", home, demanded)


def test_a_release_is_flushed_before_it_is_named_and_named_before_readers_follow_it(
    candidate: Candidate, home: Path
) -> None:
    folders = [candidate(1), candidate(2)]
    home.mkdir(exist_ok=True)
    with watching(home, "publish.log") as watch:
        for folder in folders:
            published(folder, home)
    assert watch.faults == []
    assert [p.name for p in watch.named if p.parent.name == "releases"] == ["20260901-00000001", "20260901-00000002"]
    assert [said for said in watch.promised if said.startswith("current")] == [
        f"current -> releases/20260901-0000000{n}" for n in (1, 2)
    ]


def test_a_rollback_and_a_removal_are_flushed_before_they_are_logged(candidate: Candidate, home: Path) -> None:
    for batch in (1, 2, 3):
        published(candidate(batch), home)
    with watching(home, "rollback.log", "retain.log") as watch:
        rollback(home, reason="a bad day", by="Ada")
        retain(home, keep=1)
    assert watch.faults == []
    assert watch.promised[:2] == ["current -> releases/20260901-00000002", "rollback.log"]


def test_the_watch_sees_a_file_that_was_named_before_it_was_flushed(tmp_path: Path) -> None:
    with watching(tmp_path) as watch:
        (tmp_path / "new").write_text("bytes")
        (tmp_path / "new").replace(tmp_path / "known")
    assert [said.split("/")[-1] for said in watch.faults] == [
        "known",
        f"{tmp_path.name} were not flushed before the end",
    ]


def test_a_folder_is_whole_before_it_has_its_name_and_the_old_one_is_out_of_the_way(tmp_path: Path) -> None:
    for content in ("old", "new"):
        (tmp_path / ".part" / "deep").mkdir(parents=True)
        (tmp_path / ".part" / "deep" / "file").write_text(content)
        with watching(tmp_path) as watch:
            fs.put_folder(tmp_path / ".part", tmp_path / "kept")
        assert watch.faults == []
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "deep" / "file").read_text() == "new"


def test_a_line_that_a_full_disk_cuts_short_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.append(tmp_path, "publish", "one", None)
    whole = (tmp_path / "releases.jsonl").read_bytes()
    write = os.write
    monkeypatch.setattr(chain.os, "write", lambda handle, line: write(handle, line[:20]))
    with pytest.raises(OSError, match="No space left") as raised:
        history.append(tmp_path, "publish", "two", None)
    assert raised.value.errno == errno.ENOSPC
    assert (tmp_path / "releases.jsonl").read_bytes() == whole
    monkeypatch.undo()
    history.append(tmp_path, "publish", "two", None)
    assert history.tampered_lines(tmp_path) == ()


def test_a_line_that_a_power_cut_tore_does_not_look_like_meddling(tmp_path: Path) -> None:
    history.append(tmp_path, "publish", "one", None)
    with (tmp_path / "releases.jsonl").open("ab") as torn:
        torn.write(b'{"at": "2026-')
    history.append(tmp_path, "publish", "two", None)
    assert [e.release_id for e in history.events(tmp_path)] == ["one", "two"]
    assert history.tampered_lines(tmp_path) == ()
