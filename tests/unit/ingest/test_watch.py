from __future__ import annotations

from pathlib import Path

from orchestration.contracts.model import Contract, Kind
from orchestration.ingest.watch import Cursor, look

CONTRACT = Contract("feed", "A feed", "1", "test", "test", (), kind=Kind.SNAPSHOT)


def drop(home: Path, day: str, text: str) -> Path:
    path = home / "landing" / "feed" / day / "a.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def see(home: Path, cursor: Cursor) -> tuple[tuple[str, ...], str, Cursor]:
    sight = look(home, {"feed": CONTRACT}, cursor)
    return sight.ready, sight.content_hash, sight.cursor


def test_a_new_file_is_ready_only_when_it_has_rested_for_a_look(tmp_path: Path) -> None:
    path = drop(tmp_path, "2026-09-01", "one")
    ready, _, cursor = see(tmp_path, {})
    assert ready == ()
    path.write_text("one and more")
    ready, _, cursor = see(tmp_path, cursor)
    assert ready == ()
    ready, _, cursor = see(tmp_path, cursor)
    assert ready == ("feed/2026-09-01",)
    ready, _, _ = see(tmp_path, cursor)
    assert ready == ()


def test_the_same_bytes_give_the_same_key_and_other_bytes_another(tmp_path: Path) -> None:
    keys = []
    for name, text in (("a", "one"), ("b", "one"), ("c", "two")):
        drop(tmp_path / name, "2026-09-01", text)
        cursor = see(tmp_path / name, {})[2]
        keys.append(see(tmp_path / name, cursor)[1])
    assert keys[0] == keys[1] != keys[2]


def test_a_partial_upload_is_waited_for(tmp_path: Path) -> None:
    drop(tmp_path, "2026-09-01", "one")
    (tmp_path / "landing/feed/2026-09-01/b.txt.part").write_text("x")
    cursor = see(tmp_path, {})[2]
    assert see(tmp_path, cursor)[0] == ()
