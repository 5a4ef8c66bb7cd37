from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.models.central import allocated, largest_remainder
from orchestration.models.scorecard import logistic
from orchestration.models.shifts import logit, shift_areas, shift_shares


@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.integers(0, 1000)), min_size=1, max_size=6), st.floats(0.03, 0.97))
def test_the_shift_reaches_its_target(cells: list[tuple[float, int]], target: float) -> None:
    odds, people = logit(np.array([c[0] for c in cells])), np.array([float(c[1]) for c in cells])
    area = np.zeros(len(cells), dtype=np.int64)
    shift = shift_areas(odds, people, area, np.array([target]), 0.0, 1.0)
    if people.sum():
        assert (people * logistic(odds + shift[0])).sum() / people.sum() == pytest.approx(target, abs=1e-6)
    else:
        assert shift[0] == 0


def test_an_area_of_which_nothing_is_known_is_not_shifted() -> None:
    shift = shift_areas(np.zeros(2), np.ones(2), np.array([0, 1]), np.array([-1.0, np.nan]), 0.0, 1.0)
    assert shift.tolist() == [0.0, 0.0]


def test_shares_are_shifted_area_by_area() -> None:
    moved = shift_shares(
        np.array([0.2, 0.6, 0.5]), np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1]), np.array([0.5, 0.4])
    )
    assert moved[:2].mean() == pytest.approx(0.5, abs=1e-6)
    assert moved[2] == pytest.approx(0.4, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=8), st.integers(0, 900),
       st.integers(0, 900))  # fmt: skip
def test_central_votes_are_all_put_back_and_none_is_taken(
    counted: list[tuple[int, int]], ours: int, theirs: int
) -> None:
    inside = np.array(counted, dtype=float).T
    county = np.zeros(len(counted), dtype=np.int64)
    sums = inside.sum(axis=1, keepdims=True) + np.array([[ours], [theirs]])
    found = allocated(inside, sums, county)
    assert (found >= inside).all()
    assert (found == np.rint(found)).all()
    if inside.sum():
        assert found.sum(axis=1).tolist() == sums[:, 0].tolist()
    else:
        assert found.tolist() == inside.tolist()


def test_central_votes_lean_on_the_county_where_a_precinct_counted_a_handful() -> None:
    few = allocated(np.array([[0.0, 60.0], [14.0, 60.0]]), np.array([[120.0], [134.0]]), np.array([0, 0]))
    many = allocated(np.array([[0.0, 3000.0], [700.0, 3000.0]]), np.array([[6000.0], [6700.0]]), np.array([0, 0]))
    assert few[0, 0] / few[:, 0].sum() > 0.05
    assert many[0, 0] / many[:, 0].sum() < 0.02


def test_largest_remainders_add_up_and_ties_go_by_position() -> None:
    found = largest_remainder(np.array([1.5, 1.5, 0.2, 2.0]), np.array([0, 0, 0, 1]), np.array([4.0, 2.0]))
    assert found.tolist() == [2, 2, 0, 2]
    tied = largest_remainder(np.array([1.5, 1.5]), np.array([0, 0]), np.array([3.0]))
    assert tied.tolist() == [2, 1]
