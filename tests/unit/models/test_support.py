from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.models import support
from orchestration.models.support import GROUPS, Precincts, logistic, logit, shift_shares, shift_to

D, R, N = GROUPS.index("D"), GROUPS.index("R"), GROUPS.index("N")


def a_state(precincts: int = 60, votes: int = 400, in_precincts: float = 1.0, seed: int = 1) -> Precincts:
    """Precincts in three counties whose people vote by party: D 0.9, R 0.1, others 0.6 for the campaign."""
    rng = np.random.default_rng(seed)
    people = np.zeros((precincts, len(GROUPS)))
    share_d = rng.uniform(0.1, 0.7, precincts)
    people[:, D] = np.rint(votes * share_d)
    people[:, R] = np.rint(votes * (1 - share_d) * rng.uniform(0.1, 0.9, precincts))
    people[:, N] = votes - people[:, D] - people[:, R]
    votes_for = np.rint(0.9 * people[:, D] + 0.1 * people[:, R] + 0.6 * people[:, N])
    votes_against = people.sum(axis=1) - votes_for
    county = np.arange(precincts) % 3
    return Precincts(
        state="NC",
        counties=["37001", "37003", "37005"],
        ids=[f"{37001 + 2 * (index % 3)}-{index:02d}" for index in range(precincts)],
        county=county,
        people=people,
        votes_for=np.rint(votes_for * in_precincts),
        votes_against=np.rint(votes_against * in_precincts),
        county_for=np.bincount(county, votes_for),
        county_against=np.bincount(county, votes_against),
    )


def expected(data: Precincts, fit: support.Fit) -> np.ndarray:
    """Expected votes for the campaign per precinct, from the lookup table."""
    table = {(c.area_id, c.support_group): c.p_support for c in fit.cells if c.area_level == "precinct"}
    rates = np.array([[table[(area, group)] for group in GROUPS] for area in data.ids])
    total: np.ndarray = (data.people * rates).sum(axis=1)
    return total


@given(
    st.lists(st.floats(0.05, 0.95), min_size=2, max_size=6),
    st.lists(st.integers(0, 1000), min_size=2, max_size=6),
    st.floats(0.03, 0.97),
)
@settings(deadline=None)
def test_the_shift_reaches_its_target(rates: list[float], people: list[int], target: float) -> None:
    width = min(len(rates), len(people))
    base = logit(np.array(rates[:width]))[None, :]
    weights = np.array(people[:width], dtype=float)[None, :]
    shift = shift_to(base, weights, np.array([target]))
    if weights.sum():
        reached = (weights * logistic(base + shift[:, None])).sum() / weights.sum()
        assert reached == pytest.approx(target, abs=1e-6)
    else:
        assert shift[0] == 0


def test_shares_are_shifted_area_by_area() -> None:
    shares = np.array([0.2, 0.6, 0.5])
    moved = shift_shares(shares, np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1]), np.array([0.5, 0.4]))
    assert moved[:2].mean() == pytest.approx(0.5, abs=1e-6)
    assert moved[2] == pytest.approx(0.4, abs=1e-6)
    assert moved[0] < moved[1]


def test_what_groups_prefer_is_read_from_how_precincts_vary() -> None:
    record = support.fit(a_state(), "D").record
    assert record["rate_D"] == pytest.approx(0.9, abs=0.02)
    assert record["rate_R"] == pytest.approx(0.1, abs=0.02)
    assert record["rate_N"] == pytest.approx(0.6, abs=0.05)


def test_those_who_voted_add_up_to_every_countys_certified_share() -> None:
    data = a_state(seed=3)
    got = np.bincount(data.county, expected(data, support.fit(data, "D"))) / np.bincount(
        data.county, data.people.sum(axis=1)
    )
    assert got == pytest.approx(data.county_for / (data.county_for + data.county_against), abs=1e-5)


def test_large_precincts_reproduce_their_own_certified_share() -> None:
    data = a_state(votes=4000)
    got = expected(data, support.fit(data, "D")) / data.people.sum(axis=1)
    assert got == pytest.approx(data.votes_for / (data.votes_for + data.votes_against), abs=0.01)


def test_votes_counted_in_no_precinct_stay_in_their_county() -> None:
    # A third of the votes, all of them for the campaign, are counted centrally.
    data = a_state(in_precincts=0.7)
    central = 0.3 * (data.county_for + data.county_against)
    data.county_for[:] = np.bincount(data.county, data.votes_for) + central
    data.county_against[:] = np.bincount(data.county, data.votes_against)
    fit = support.fit(data, "D")
    got = np.bincount(data.county, expected(data, fit)) / np.bincount(data.county, data.people.sum(axis=1))
    assert got == pytest.approx(data.county_for / (data.county_for + data.county_against), abs=1e-4)
    assert fit.record["share_of_votes_in_precincts"] == pytest.approx(0.7, abs=0.01)


def test_a_precinct_of_three_votes_leans_on_its_county() -> None:
    data = a_state()
    data.votes_for[0], data.votes_against[0] = 3, 0
    got = expected(data, support.fit(data, "D"))[0] / data.people[0].sum()
    assert got < 0.85


def test_a_precinct_without_people_or_results_has_a_row_all_the_same() -> None:
    data = a_state()
    data.people[0] = 0
    data.votes_for[0] = data.votes_against[0] = 0
    cells = [c for c in support.fit(data, "D").cells if c.area_id == data.ids[0]]
    county = [c for c in support.fit(data, "D").cells if c.area_id == "37001"]
    assert [c.p_support for c in cells] == [c.p_support for c in county]


def test_a_state_without_certified_results_keeps_what_groups_are_known_for() -> None:
    data = a_state()
    for votes in (data.votes_for, data.votes_against, data.county_for, data.county_against):
        votes[:] = 0
    record = support.fit(data, "D").record
    assert record["rate_D"] == pytest.approx(support.PRIOR["D"])


def test_the_other_partys_campaign_sees_the_mirror_image() -> None:
    data = a_state()
    mirrored = Precincts(
        data.state, data.counties, data.ids, data.county, data.people,
        data.votes_against, data.votes_for, data.county_against, data.county_for,
    )  # fmt: skip
    ours = {(c.area_id, c.support_group): c.p_support for c in support.fit(data, "D").cells}
    theirs = {(c.area_id, c.support_group): c.p_support for c in support.fit(mirrored, "R").cells}
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[key] + theirs[key] - 1) for key in ours) < 1e-5


def test_every_area_has_every_group() -> None:
    data = a_state()
    cells = support.fit(data, "D").cells
    assert len(cells) == (len(data.ids) + len(data.counties) + 1) * len(GROUPS)
    assert all(0 < c.p_support < 1 for c in cells)
