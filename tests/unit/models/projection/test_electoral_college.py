from __future__ import annotations

import pytest

from orchestration.models.projection import Component, Scale, electoral_college

NARROW = Component(Scale(0.001, 30), Scale(0.001, 30), Scale(0.1, 30))
USUAL = Component(Scale(0.12, 10), Scale(0.06, 10), Scale(0.1, 10))


def test_the_tipping_point_is_the_state_that_brings_the_winner_to_the_majority() -> None:
    table = electoral_college(["A", "B", "C", "D"], [0.60, 0.55, 0.52, 0.40], [3, 4, 5, 6], NARROW)
    assert table.needed == 10
    assert table.win_probability == 1
    assert [r.state for r in table.rows] == ["A", "B", "C", "D"]
    assert [r.tipping_point_probability for r in table.rows] == [0, 0, 1, 0]
    assert table.votes_low == table.votes_high == 12


def test_the_other_sides_tipping_point_is_counted_from_its_best_state() -> None:
    table = electoral_college(["A", "B", "C"], [0.45, 0.48, 0.60], [5, 5, 4], NARROW)
    assert table.win_probability == 0
    assert {r.state: r.tipping_point_probability for r in table.rows} == {"A": 0, "B": 1, "C": 0}


def test_tipping_points_and_ties_account_for_every_draw() -> None:
    table = electoral_college(["A", "B", "C", "D"], [0.52, 0.5, 0.49, 0.51], [4, 4, 4, 4], USUAL)
    assert sum(r.tipping_point_probability for r in table.rows) + table.tie_probability == pytest.approx(1)
    assert table.tie_probability > 0


def test_a_shared_swing_makes_a_sweep_likelier_than_independent_errors() -> None:
    states, share, votes = [f"S{i}" for i in range(9)], [0.47] * 9, [10] * 9
    apart = Component(Scale(1e-6, 10), Scale(0.134, 10), Scale(0.1, 10))
    assert (
        electoral_college(states, share, votes, USUAL).win_probability
        > electoral_college(states, share, votes, apart).win_probability + 0.05
    )


def test_two_runs_agree() -> None:
    args = (["A", "B"], [0.5, 0.51], [3, 4], USUAL)
    assert electoral_college(*args) == electoral_college(*args)


@pytest.mark.parametrize(
    ("states", "share", "votes", "message"),
    [
        (["A"], [0.5, 0.5], [3], "do not fit"),
        (["A", "A"], [0.5, 0.5], [3, 3], "named once"),
        (["A"], [1.2], [3], "between 0 and 1"),
        (["A"], [0.5], [-3], "never negative"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    states: list[str], share: list[float], votes: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        electoral_college(states, share, votes, USUAL)
