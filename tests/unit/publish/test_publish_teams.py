"""A restricted file is its owner's alone, or also of the one group that the settings name."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from publish_samples import FILES, demanded

from orchestration.publish import teams
from orchestration.publish.releases import publish_demanded
from orchestration.publish.teams import AudienceError, group_ids

OWN = grp.getgrgid(os.getegid()).gr_name


def modes(release: Path) -> dict[str, tuple[int, int]]:
    found = {p.relative_to(release).as_posix(): p.stat() for p in release.rglob("*.duckdb")}
    return {name: (stat.S_IMODE(said.st_mode), said.st_gid) for name, said in found.items()}


def test_without_a_group_only_the_owner_reads_a_file_with_people(candidate: Callable[..., Path], home: Path) -> None:
    folder = candidate(1)
    release = publish_demanded(folder, folder / "gate.json", home, demanded)
    assert {name: mode for name, (mode, _) in modes(release.path).items()} == {
        "warehouse.duckdb": 0o444, "people.duckdb": 0o400,
    }  # fmt: skip


def test_a_group_reads_its_own_file_and_no_more(candidate: Callable[..., Path], home: Path) -> None:
    folder = candidate(1)
    release = publish_demanded(folder, folder / "gate.json", home, lambda: demanded(audiences={"people": OWN}))
    assert modes(release.path)["people.duckdb"] == (0o440, os.getegid())
    assert modes(release.path)["warehouse.duckdb"][0] == 0o444
    assert stat.S_IMODE((folder / "people.duckdb").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("audiences", "cause"),
    [
        ({"people": "no-such-group-here"}, "this machine has no group 'no-such-group-here'"),
        ({"persons": OWN}, r"there is no restricted file persons\.duckdb; there are: people"),
        ({"warehouse": OWN}, r"there is no restricted file warehouse\.duckdb"),
    ],
)
def test_a_group_that_cannot_be_is_named_and_nothing_is_published(
    candidate: Callable[..., Path], home: Path, audiences: dict[str, str], cause: str
) -> None:
    folder = candidate(1)
    with pytest.raises(AudienceError, match=cause):
        publish_demanded(folder, folder / "gate.json", home, lambda: demanded(audiences=audiences))
    assert not (home / "releases").exists()


def test_a_group_one_is_not_in_is_told_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getegid", lambda: 60001)
    monkeypatch.setattr(os, "getgroups", lambda: [60002])
    with pytest.raises(AudienceError, match="is not in group"):
        group_ids({"people": OWN}, FILES)


def test_a_file_that_the_system_does_not_give_away_stops_the_publish(
    candidate: Callable[..., Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(teams.os, "chown", refuse)
    folder = candidate(1)
    with pytest.raises(AudienceError, match=r"people\.duckdb cannot be given to group"):
        publish_demanded(folder, folder / "gate.json", home, lambda: demanded(audiences={"people": OWN}))
    assert list((home / "releases").iterdir()) == []
