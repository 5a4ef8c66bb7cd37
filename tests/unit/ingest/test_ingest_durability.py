"""The ledger says nothing of rows, lines or bytes that a power cut could still take away."""

from __future__ import annotations

from pathlib import Path

import interrupted
from support.durability import watching


def test_what_the_ledger_commits_to_is_flushed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    interrupted.first_day(home)
    interrupted.second_day(home)
    with watching(home, "ledger.commit", scratch=("/build/", ".part/")) as watch:
        interrupted.take(str(home))
    assert watch.faults == []
    named = {p.relative_to(home / "archive").parts[0] for p in watch.named}
    assert named == {"objects", "accepted", "quarantine", "history"}
    assert watch.promised.count("ledger.commit") > 5
