"""Support: the probability that a voter prefers the campaign's party over its opponent.

Two steps. What a group of people (registered D, registered R, others by their last primary ballot) prefers
is read from how the certified share of precincts varies with their make-up (Goodman's regression, by state,
leaning on published orders of magnitude where precincts are few). Then one logit shift per precinct makes
the people who voted there add up to the certified share; small precincts lean on their county, and
every county reproduces its certified total, votes in rows that are no precinct included.

Belongs here: from counts and certified votes to a lookup table and its record. Source: vote-goals,
section 4; domain paper A6 (logit shift after Rosenman, McCartan and Olivella, 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NAME = "support"
# Where regression has nothing to say: the share of each group preferring D; a campaign of R reads 1 minus it.
# Registration or last primary ballot, then +B (Black) or +H (Hispanic) where the state's file has race.
PRIOR = {
    "D": 0.92, "D+B": 0.96, "D+H": 0.90,
    "R": 0.07, "R+B": 0.25, "R+H": 0.12,
    "N_D": 0.88, "N_D+B": 0.94, "N_D+H": 0.88,
    "N_R": 0.12, "N_R+B": 0.30, "N_R+H": 0.18,
    "N": 0.48, "N+B": 0.85, "N+H": 0.55,
}  # fmt: skip
GROUPS = tuple(PRIOR)
PRIOR_PEOPLE = 50.0
LOWEST, HIGHEST = 0.02, 0.98
# A precinct's certified share is mixed with what its make-up would suggest, as if by this many votes.
PRECINCT_STRENGTH = 30.0
MOST_SHIFT = 8.0


@dataclass(frozen=True)
class Precincts:
    """One state. Per precinct: its county, the people of each group who voted, and certified votes.

    ``people``: precincts x groups. ``votes_for``, ``votes_against``: certified, 0 where the precinct has no
    row of its own. ``county_for``, ``county_against``: per county, all rows.
    """

    state: str
    counties: list[str]
    ids: list[str]
    county: NDArray[np.int64]
    people: Floats
    votes_for: Floats
    votes_against: Floats
    county_for: Floats
    county_against: Floats


@dataclass(frozen=True)
class Cell:
    """One row of the lookup table. ``p_support`` and ``logit_shift`` are rounded to six decimals."""

    state: str
    area_level: str
    area_id: str
    support_group: str
    p_support: float
    logit_shift: float


@dataclass(frozen=True)
class Fit:
    """The lookup table of one state and its record."""

    cells: list[Cell]
    record: dict[str, float]


def logit(share: Floats) -> Floats:
    """Log odds."""
    odds: Floats = np.log(share) - np.log1p(-share)
    return odds


def logistic(odds: Floats) -> Floats:
    """The share whose log odds are ``odds``."""
    share: Floats = 1 / (1 + np.exp(-odds))
    return share


def shift_to(base: Floats, weights: Floats, targets: Floats) -> Floats:
    """Per row, the shift in log odds after which the weighted mean share of its groups is the target.

    ``base``: log odds, rows x groups (or one row for all). ``weights``: rows x groups; a row without any
    weight gets no shift. Found by bisection, within ``MOST_SHIFT``.
    """
    low = np.full(len(targets), -MOST_SHIFT)
    high = np.full(len(targets), MOST_SHIFT)
    sums = weights.sum(axis=1)
    for _ in range(60):
        middle = (low + high) / 2
        reached = (weights * logistic(base + middle[:, None])).sum(axis=1)
        is_low = reached < targets * sums
        low = np.where(is_low, middle, low)
        high = np.where(is_low, high, middle)
    shift: Floats = np.where(sums > 0, (low + high) / 2, 0.0)
    return shift


def shift_shares(shares: Floats, weights: Floats, area: NDArray[np.int64], targets: Floats) -> Floats:
    """Shares moved by one logit shift per area, so that their weighted mean in each area is its target."""
    low = np.full(len(targets), -MOST_SHIFT)
    high = np.full(len(targets), MOST_SHIFT)
    odds = logit(np.clip(shares, 1e-4, 1 - 1e-4))
    wanted = targets * np.bincount(area, weights, len(targets))
    for _ in range(60):
        middle = (low + high) / 2
        reached = np.bincount(area, weights * logistic(odds + middle[area]), len(targets))
        low = np.where(reached < wanted, middle, low)
        high = np.where(reached < wanted, high, middle)
    return logistic(odds + ((low + high) / 2)[area])


def group_rates(make_up: Floats, shares: Floats, weights: Floats, prior: Floats) -> Floats:
    """Share of each group preferring the party: least squares of area shares on group shares.

    ``make_up``: areas x groups, rows adding to 1. ``prior``: what each group is taken to prefer, with the
    weight of ``PRIOR_PEOPLE`` people. Clipped to the believable.
    """
    weighted = make_up * weights[:, None]
    left = make_up.T @ weighted + PRIOR_PEOPLE * np.eye(make_up.shape[1])
    right = weighted.T @ shares + PRIOR_PEOPLE * prior
    rates: Floats = np.clip(np.linalg.solve(left, right), LOWEST, HIGHEST)
    return rates


def fit(data: Precincts, party_code: str) -> Fit:
    """Support of every group in every precinct and county of one state, and in the state as a whole."""
    prior = np.array([PRIOR[group] for group in GROUPS])
    prior = {"D": prior, "R": 1 - prior}.get(party_code, np.full(len(GROUPS), 0.05))
    voters = data.people.sum(axis=1)
    county_people = np.zeros((len(data.counties), len(GROUPS)))
    np.add.at(county_people, data.county, data.people)
    county_votes = data.county_for + data.county_against
    rates = _rates(data, voters, county_people, county_votes, prior)
    base = logit(rates)

    # A county without certified votes has the share that its make-up suggests.
    expected_county = _mean_share(county_people, rates)
    county_share = np.where(county_votes > 0, data.county_for / np.maximum(county_votes, 1), expected_county)
    county_share = np.clip(county_share, LOWEST / 4, 1 - LOWEST / 4)
    county_shift = shift_to(base[None, :], county_people, county_share)

    votes = data.votes_for + data.votes_against
    suggested = _mean_share(data.people, logistic(base[None, :] + county_shift[data.county][:, None]))
    certified = _rebased(data, votes, county_share)
    mixed = (votes * certified + PRECINCT_STRENGTH * suggested) / (votes + PRECINCT_STRENGTH)
    targets = shift_shares(mixed, voters, data.county, county_share)
    shift = np.where(voters > 0, shift_to(base[None, :], data.people, targets), county_shift[data.county])

    state_votes = county_votes.sum()
    state_share = data.county_for.sum() / state_votes if state_votes else float(expected_county.mean())
    state_shift = shift_to(base[None, :], county_people.sum(axis=0)[None, :], np.array([state_share]))
    cells = (
        _cells(data.state, "precinct", data.ids, base, shift)
        + _cells(data.state, "county", data.counties, base, county_shift)
        + _cells(data.state, "state", [data.state], base, state_shift)
    )
    reached = _mean_share(data.people, logistic(base[None, :] + shift[:, None]))
    return Fit(cells, _record(data, voters, votes, reached, shift, county_share, certified, suggested, rates))


def _mean_share(people: Floats, rates: Floats) -> Floats:
    """People-weighted mean of group rates per row; the plain mean where a row has nobody."""
    sums = people.sum(axis=1)
    plain = np.broadcast_to(rates, people.shape).mean(axis=1)
    mean: Floats = np.where(sums > 0, (people * rates).sum(axis=1) / np.maximum(sums, 1e-9), plain)
    return mean


def _rebased(data: Precincts, votes: Floats, county_share: Floats) -> Floats:
    """Certified precinct shares, moved so that they add to the county's share.

    Votes counted in no precinct (central absentee, one-stop sites) are put back in that way.
    """
    share = np.where(votes > 0, data.votes_for / np.maximum(votes, 1), county_share[data.county])
    return shift_shares(np.clip(share, LOWEST / 4, 1 - LOWEST / 4), votes, data.county, county_share)


def _rates(data: Precincts, voters: Floats, county_people: Floats, county_votes: Floats, prior: Floats) -> Floats:
    votes = data.votes_for + data.votes_against
    county_share = np.clip(data.county_for / np.maximum(county_votes, 1), LOWEST / 4, 1 - LOWEST / 4)
    usable = (votes > 0) & (voters > 0)
    if usable.any():
        make_up = data.people[usable] / voters[usable][:, None]
        return group_rates(make_up, _rebased(data, votes, county_share)[usable], voters[usable], prior)
    sums = county_people.sum(axis=1)
    usable = (county_votes > 0) & (sums > 0)
    make_up = county_people[usable] / sums[usable][:, None]
    return group_rates(make_up, county_share[usable], sums[usable], prior)


def _cells(state: str, level: str, ids: list[str], base: Floats, shift: Floats) -> list[Cell]:
    shares = np.round(np.clip(logistic(base[None, :] + shift[:, None]), 0.001, 0.999), 6)
    return [
        Cell(state, level, area, group, float(shares[row, column]), round(float(shift[row]), 6))
        for row, area in enumerate(ids)
        for column, group in enumerate(GROUPS)
    ]


def _record(
    data: Precincts, voters: Floats, votes: Floats, reached: Floats, shift: Floats, county_share: Floats,
    certified: Floats, suggested: Floats, rates: Floats,
) -> dict[str, float]:  # fmt: skip
    counties = len(data.counties)
    people = np.bincount(data.county, voters, counties)
    modelled = np.bincount(data.county, voters * reached, counties) / np.maximum(people, 1e-9)
    off = np.abs(modelled - county_share)[(people > 0) & (data.county_for + data.county_against > 0)]
    rows = votes > 0
    weight = float(votes.sum())
    in_precincts = weight / max(float((data.county_for + data.county_against).sum()), 1.0)
    record = {
        "voters": float(voters.sum()),
        "precincts": float(len(data.ids)),
        "precincts_with_certified_votes": float(rows.sum()),
        "share_of_votes_in_precincts": in_precincts,
        "largest_county_difference": float(off.max()) if len(off) else 0.0,
        "mean_absolute_shift": float((np.abs(shift) * voters).sum() / max(float(voters.sum()), 1.0)),
        "precinct_error_of_make_up_alone": (
            float((np.abs(certified - suggested) * votes)[rows].sum() / weight) if weight else float("nan")
        ),
    }
    return record | {f"rate_{group}": float(rate) for group, rate in zip(GROUPS, rates, strict=True)}
