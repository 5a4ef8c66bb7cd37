"""A sample is decided by its plan: the same plan the same bytes, impossible plans refused in words."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.sample import SamplePlan, write_sample
from orchestration.sample.naming import draw, name_lists
from orchestration.sample.rng import apportion


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def made(tmp_path: Path, name: str, plan: SamplePlan) -> dict[str, str]:
    write_sample(plan, tmp_path / name / "landing", tmp_path / name / "truth")
    return hashes(tmp_path / name)


def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    plan = SamplePlan(("NC", "FL"), 3_000, 2, 11)
    first = made(tmp_path, "first", plan)
    assert made(tmp_path, "second", plan) == first
    other = made(tmp_path, "third", SamplePlan(("NC", "FL"), 3_000, 2, 12))
    assert other.keys() == first.keys()
    assert (
        other["landing/nc_voters/2026-09-01/ncvoter_Statewide.zip"]
        != first["landing/nc_voters/2026-09-01/ncvoter_Statewide.zip"]
    )


def test_a_state_does_not_depend_on_which_others_are_written(tmp_path: Path) -> None:
    alone = made(tmp_path, "alone", SamplePlan(("VA",), 1_500, 1, 5))
    share = SamplePlan(("VA", "PA"), 3_620, 1, 5)
    assert share.split()["VA"] == 1_500
    beside = made(tmp_path, "beside", share)
    voters = "landing/va_voters/2026-09-01/Registered_Voter_List.csv"
    assert alone[voters] == beside[voters]


@pytest.mark.parametrize("voters", [20_000, 123_457, 10_000_000])
def test_voters_are_split_exactly_and_in_proportion(voters: int) -> None:
    split = SamplePlan(("NC", "OH", "FL", "VA", "PA"), voters, 1, 1).split()
    assert sum(split.values()) == voters
    assert split["FL"] > split["PA"] > split["OH"] > split["NC"] > split["VA"]


def test_ten_times_the_voters_are_ten_times_the_rows(tmp_path: Path) -> None:
    counts = []
    for voters in (1_500, 15_000):
        write_sample(SamplePlan(("OH",), voters, 1, 2), tmp_path / str(voters), tmp_path / f"truth{voters}")
        parts = (tmp_path / str(voters) / "oh_voters" / "2026-09-01").iterdir()
        counts.append(sum(part.read_bytes().count(b"\n") - 1 for part in parts))
        assert len(pl.read_parquet(tmp_path / f"truth{voters}" / "OH.parquet")) == voters
    assert counts == [1_500, 15_000]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": ("NC", "TX")}, "expected distinct codes"),
        ({"states": ()}, "expected distinct codes"),
        ({"states": ("NC", "NC")}, "expected distinct codes"),
        ({"voters": 10}, "expected 1,000 to 10,000,000"),
        ({"days": 0}, "expected 1 to"),
    ],
)
def test_a_plan_that_cannot_be_met_is_refused(change: dict[str, object], message: str) -> None:
    wanted: dict[str, object] = {"states": ("NC",), "voters": 5_000, "days": 1, "seed": 1}
    with pytest.raises(ValueError, match=message):
        SamplePlan(**(wanted | change))  # type: ignore[arg-type]


def test_too_few_voters_for_the_counties_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few for 133 counties"):
        write_sample(SamplePlan(("VA",), 1_000, 1, 1), tmp_path / "landing", tmp_path / "truth")
    assert not (tmp_path / "landing").exists()


def test_a_landing_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x")
    with pytest.raises(FileExistsError, match="not empty"):
        write_sample(SamplePlan(("NC",), 1_500, 1, 1), tmp_path, tmp_path / "truth")


def test_apportioned_parts_add_up_and_keep_their_least() -> None:
    parts = apportion(101, np.array([5.0, 1.0, 0.0, 3.0]), 2)
    assert parts.sum() == 101
    assert parts.min() >= 2
    with pytest.raises(ValueError, match="cannot give"):
        apportion(3, np.ones(4), 1)


def test_the_ends_of_chance_draw_a_name_of_the_own_group() -> None:
    lists = name_lists()
    for flat, names in ((lists.surname_draw, lists.surnames), (lists.first_draw, lists.firsts)):
        groups = np.arange(len(flat) // len(names))
        for chance in (0.0, 0.5, 1 - 2**-24):
            drawn = draw(flat, len(names), groups, np.full(len(groups), chance, dtype=np.float32))
            weight = np.diff(flat.reshape(len(groups), -1), axis=1, prepend=groups[:, None])
            assert (weight[groups, drawn] > 0).all()
