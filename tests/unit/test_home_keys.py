"""Keys of a home: made once, kept for their owner alone, never guessed and never replaced."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestration.home_keys import KEY_BYTES, HomeKeyError, home_key


def test_a_key_is_made_at_first_use_and_is_the_same_ever_after(tmp_path: Path) -> None:
    made = home_key(tmp_path, "gate")
    assert len(made) == KEY_BYTES
    assert home_key(tmp_path, "gate") == made == (tmp_path / "secrets" / "gate.key").read_bytes()


def test_each_home_and_each_name_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = {home_key(tmp_path / home, name) for home in ("a", "b") for name in ("gate", "person")}
    assert len(keys) == 4


def test_only_the_owner_may_reach_a_key(tmp_path: Path) -> None:
    home_key(tmp_path, "gate")
    folder = tmp_path / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "gate.key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["gate.key"]


def test_makers_at_the_same_moment_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: home_key(tmp_path, "gate"), range(32)))) == 1


def test_asking_without_making_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gate\.key: there is no such key"):
        home_key(tmp_path, "gate", make=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda key: key.chmod(0o640), "chmod 600"),
        (lambda key: key.parent.chmod(0o750), "chmod 700"),
        (lambda key: key.write_bytes(b"short"), "expected 32 bytes, found 5"),
        (lambda key: key.write_bytes(b"x" * 33), "expected 32 bytes, found 33"),
        (lambda key: key.rename(key.with_name("other")) and key.symlink_to("other"), "not a plain file"),
        (lambda key: key.unlink() or key.mkdir(mode=0o700), "not a plain file"),
    ],
    ids=["file for a group", "folder for a group", "too short", "too long", "a link", "a folder"],
)
def test_a_key_that_others_had_a_hand_in_is_refused_and_left_as_it_is(
    tmp_path: Path, spoil: Callable[[Path], object], cause: str
) -> None:
    secret = home_key(tmp_path, "gate")
    spoil(tmp_path / "secrets" / "gate.key")
    with pytest.raises(HomeKeyError, match=cause) as refused:
        home_key(tmp_path, "gate")
    assert secret.hex() not in str(refused.value)
    assert repr(secret) not in str(refused.value)


@pytest.mark.parametrize("name", ["", "../gate", "Gate", "a/b", ".gate"])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a key"):
        home_key(tmp_path, name)
