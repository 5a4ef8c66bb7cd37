from __future__ import annotations

import pytest

from orchestration.models import turnout
from orchestration.models.shrink import Count, Key

KNOWN = {"NC": ("????", "??")}
VOTER: Key = ("NC", "1111", "11", "50-64")
ABSTAINER: Key = ("NC", "0000", "00", "50-64")
NEWCOMER: Key = ("NC", "xxxx", "00", "18-24")
HALF = {VOTER: Count(5000, 4750), ABSTAINER: Count(5000, 250), NEWCOMER: Count(4000, 1600)}


def by_key(fit: turnout.Fit) -> dict[Key, turnout.Cell]:
    return {(c.state, c.general_pattern, c.primary_pattern, c.age_band): c for c in fit.cells}


def test_people_are_scored_at_the_rate_of_those_who_were_like_them() -> None:
    cells = by_key(turnout.fit([HALF, HALF], KNOWN))
    assert cells[VOTER].p_turnout == pytest.approx(0.95, abs=0.005)
    assert cells[ABSTAINER].p_turnout == pytest.approx(0.05, abs=0.005)
    assert cells[VOTER].training_voters == 10_000


def test_new_registrants_are_learned_from_new_registrants() -> None:
    cells = by_key(turnout.fit([HALF, HALF], KNOWN))
    assert cells[NEWCOMER].p_turnout == pytest.approx(0.40, abs=0.005)
    # A newcomer of another age leans on newcomers, not on everybody.
    assert cells[("NC", "xxxx", "00", "35-49")].p_turnout == pytest.approx(0.40, abs=0.02)


def test_every_combination_that_can_occur_has_a_row() -> None:
    cells = turnout.fit([HALF, HALF], {"NC": ("???.", "?.")}).cells
    assert len(cells) == 3**3 * 2 * len(turnout.AGE_BANDS)
    assert {c.general_pattern[3] for c in cells} == {"."}
    assert len({(c.general_pattern, c.primary_pattern, c.age_band) for c in cells}) == len(cells)


def test_a_probability_is_never_certain() -> None:
    sure = {VOTER: Count(10**6, 10**6), ABSTAINER: Count(10**6, 0)}
    cells = by_key(turnout.fit([sure, sure], KNOWN))
    assert cells[VOTER].p_turnout == turnout.CEILING
    assert cells[ABSTAINER].p_turnout == turnout.FLOOR


def test_the_record_is_out_of_sample() -> None:
    # What is learned in one half is worthless in the other: the record must show it.
    other = {VOTER: Count(5000, 250), ABSTAINER: Count(5000, 4750)}
    metrics = turnout.fit([{k: HALF[k] for k in other}, other], KNOWN).metrics
    assert metrics["auc"] < 0.2
    assert metrics["brier"] > metrics["brier_of_the_state_mean"]


def test_nobody_to_learn_from_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"winnumber\.toml"):
        turnout.fit([{}, {}], KNOWN)


def test_the_same_counts_give_the_same_table_in_any_order() -> None:
    backwards = dict(reversed(list(HALF.items())))
    assert turnout.fit([HALF, HALF], KNOWN).cells == turnout.fit([backwards, HALF], KNOWN).cells
