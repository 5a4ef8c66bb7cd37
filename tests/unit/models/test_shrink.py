from __future__ import annotations

import math

from orchestration.models.shrink import Count, ShrunkRates, area_under_curve, brier, roll_up, total

CELLS = {("NC", "a"): Count(100, 80), ("NC", "b"): Count(0, 0), ("OH", "a"): Count(300, 120)}


def test_a_large_cell_keeps_its_own_rate_and_a_small_one_leans_on_its_parent() -> None:
    cells = {("NC", "a"): Count(1_000_000, 800_000), ("NC", "b"): Count(1, 0)}
    rates = ShrunkRates(cells, [(), (0,), (0, 1)], strength=25)
    assert abs(rates.rate(("NC", "a")) - 0.8) < 1e-4
    parent = rates.rate(("NC", "never seen"))
    assert abs(rates.rate(("NC", "b")) - 25 * parent / 26) < 1e-12


def test_the_weight_of_the_parent_is_the_strength() -> None:
    rates = ShrunkRates({("x",): Count(10, 10), ("y",): Count(10, 0)}, [(), (0,)], strength=10)
    # The root is 10 of 20 with 10 imaginary people at one half: one half.
    assert rates.rate(("x",)) == (10 + 10 * 0.5) / 20
    assert rates.rate(("y",)) == (0 + 10 * 0.5) / 20


def test_a_cell_never_seen_has_the_rate_of_its_parent() -> None:
    rates = ShrunkRates(CELLS, [(), (0,), (0, 1)], strength=5)
    assert rates.rate(("NC", "new")) == rates.rate(("NC", "b"))
    assert rates.people(("NC", "new")) == 0


def test_counts_are_summed_over_the_letters_left_out() -> None:
    assert roll_up(CELLS, (1,)) == {("a",): Count(400, 200), ("b",): Count(0, 0)}
    assert total(CELLS.values()) == Count(400, 200)


def test_area_under_curve_is_one_for_a_perfect_score_and_half_for_none() -> None:
    assert area_under_curve([(0.9, Count(5, 5)), (0.1, Count(5, 0))]) == 1.0
    assert area_under_curve([(0.5, Count(5, 5)), (0.5, Count(5, 0))]) == 0.5
    assert area_under_curve([(0.1, Count(5, 5)), (0.9, Count(5, 0))]) == 0.0


def test_area_under_curve_counts_pairs() -> None:
    # Voters score 3 and 1, the other scores 2: one of two pairs is in order.
    assert area_under_curve([(3, Count(1, 1)), (2, Count(1, 0)), (1, Count(1, 1))]) == 0.5


def test_area_under_curve_of_one_outcome_is_not_a_number() -> None:
    assert math.isnan(area_under_curve([(0.5, Count(3, 3))]))


def test_brier_is_the_mean_squared_distance() -> None:
    assert brier([(0.75, Count(4, 3))]) == (3 * 0.0625 + 0.5625) / 4
    assert math.isnan(brier([]))
