"""Support: the probability that a voter prefers the campaign's party over its opponent.

What a group of people (registered D, registered R, others by their last primary ballot) prefers is
read from how the certified share of precincts varies with their make-up (``group_rates``). Inside a group people
differ by whom they live with, age and sex: what these say of a person's party, learned from everybody whose party
or ballot is known, carries over in part (``leaning``). Then one logit shift per precinct makes those who voted there
add up to the certified result, to the vote; precincts below a stated minimum lean on what their make-up suggests,
and votes counted in no precinct are first put back into precincts with the county's total kept (``central``).

Belongs here: from counts and certified votes to lookup tables and their record. Source: vote-goals, section 4;
domain paper A6 (logit shift after Rosenman, McCartan and Olivella, 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import identified, scorecard
from .central import allocated
from .identified import Corrections
from .scorecard import Floats, Point, Scorecard, logistic
from .shifts import logit, shift_areas, shift_shares

if TYPE_CHECKING:
    import polars as pl

NAME = "support"
FEATURES = ("group", "household", "age", "sex", "answer")
# Of these, what is learned from people of known side.
LEANING = ("household", "age", "sex")
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
# Reading rates across precincts overstates loyalty (places with many members are places with many friends), and no
# group of registered people is known to be more loyal than this.
LOWEST, HIGHEST = 0.06, 0.94
# A precinct is calibrated to the vote from this many two-party votes and voters still on file; below, its share is
# mixed with what its make-up would suggest, as if by STRENGTH votes.
LEAST_VOTES, LEAST_VOTERS = 50, 25
STRENGTH = 100.0
FLOOR, CEILING = 0.0005, 0.9995
LEARNED_FROM = ("household", "age", "sex", "race", "around")
MOST_LEARNED = 200_000


@dataclass(frozen=True)
class Precincts:
    """One state. ``cells``: those who voted in the calibration election, summed over people alike.

    cells: county_fips, precinct_id (today's), then_precinct_id (where they voted), the FEATURES, voters (integer).
    ids, counties: today's precincts with their county. certified: by then-precinct and county, for and against;
    a null precinct is counted in the county alone.
    """

    state: str
    cells: pl.DataFrame
    precincts: pl.DataFrame
    certified: pl.DataFrame


@dataclass(frozen=True)
class Area:
    """One row of the lookup table of areas: the shift, and what it was solved for."""

    state: str
    area_level: str
    area_id: str
    logit_shift: float
    certified_votes: int
    certified_share: float | None
    voters: int
    unshifted_share: float | None
    basis: str


@dataclass(frozen=True)
class Fit:
    """The lookup tables of one state and their record."""

    points: tuple[Point, ...]
    areas: list[Area]
    record: dict[str, float]


def leaning(people: pl.DataFrame) -> Scorecard:
    """What the features say of being a Democrat, among people known to be on one side.

    ``people``: state, LEARNED_FROM (text), is_democrat. ``around`` (how the precinct votes) is learned so that it is
    not mistaken for the household; it is not used, the shift does that.
    """
    return scorecard.fit(people, people["is_democrat"].to_numpy(), LEARNED_FROM)


def points(
    state: str, rates: Floats, card: Scorecard | None, party_code: str, corrections: Corrections = identified.NONE
) -> tuple[Point, ...]:
    """The lookup table of one state: log odds of the groups, what household, age and sex add, and what an answer."""
    found = [Point(state, scorecard.INTERCEPT, "", 0.0, 0)]
    odds = logit(rates) + np.array([corrections.groups.get((state, group), 0.0) for group in GROUPS])
    found += [Point(state, "group", group, round(float(odds[i]), 6), 0) for i, group in enumerate(GROUPS)]
    for point in card.points if card else ():
        if point.state == state and point.feature in LEANING:
            found += [
                Point(state, point.feature, f"{kind} {point.bin}",
                      round(side_of(party_code) * share * point.points, 6), point.training_voters)
                for kind, share in corrections.carried.items()
            ]  # fmt: skip
    for answer, kept in identified.KEPT.items():
        said = identified.ANSWER_WEIGHT * (logit(np.array([kept]))[0] - odds)
        found += [Point(state, "answer", f"{group} {answer}", round(float(said[i]), 6), 0)
                  for i, group in enumerate(GROUPS)]  # fmt: skip
    found.append(Point(state, "answer", identified.NOT_ASKED, 0.0, 0))
    return tuple(found)


def side_of(party_code: str) -> float:
    """1 where a Democrat's leaning speaks for the campaign's party, -1 where against, 0 for any other party."""
    return {"D": 1.0, "R": -1.0}.get(party_code, 0.0)


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


def fit(
    data: Precincts, party_code: str, card: Scorecard | None = None, corrections: Corrections = identified.NONE
) -> Fit:
    """Points and shifts of one state. ``card``: of ``leaning``, or None to let groups be all that differs."""
    counties = sorted(set(data.precincts["county_fips"]) | set(data.certified["county_fips"]))
    ids = data.precincts["precinct_id"].to_list()
    then_ids = sorted(set(ids) | set(data.cells["then_precinct_id"]))
    then_county = _counties_of(then_ids, data, counties)
    voters = data.cells["voters"].to_numpy().astype(np.float64)
    then = _index(data.cells["then_precinct_id"], then_ids)
    now = _index(data.cells["precinct_id"], ids)

    votes = _certified(data, then_ids, then_county, counties)
    on_file: Floats = np.bincount(then, voters, len(then_ids)).astype(np.float64)
    share = np.where(votes.total > 0, votes.against_or_for / np.maximum(votes.total, 1), np.nan)
    rates = _rates(data, then, on_file, share, votes, counties, then_county, party_code)
    table = points(data.state, rates, card, party_code, corrections)
    odds = Scorecard(FEATURES, table).scores(data.cells)
    # Points are read from the state as it voted; what is left over for an area is then its own.
    whole, zeros = votes.county_total.sum(), np.zeros(len(odds), dtype=np.int64)
    state_share = float(votes.county_for.sum() / whole) if whole else -1.0
    level = round(float(shift_areas(odds, voters, zeros, np.array([state_share]), FLOOR, CEILING)[0]), 6)
    odds = odds + level
    table = tuple(replace(p, points=round(p.points + level, 6)) if p.feature == "group" else p for p in table)

    county_share = np.where(votes.county_total > 0, votes.county_for / np.maximum(votes.county_total, 1), np.nan)
    cell_county = then_county[then]
    county_shift = shift_areas(odds, voters, cell_county, np.nan_to_num(county_share, nan=-1.0), FLOOR, CEILING)
    suggested = _mean(logistic(odds + county_shift[cell_county]), voters, then, len(then_ids))
    exact = (votes.total >= LEAST_VOTES) & (on_file >= LEAST_VOTERS)
    small = (votes.total > 0) & (on_file > 0) & ~exact
    target = np.where(exact, share, np.nan)
    mixed = (np.nan_to_num(share) * votes.total + STRENGTH * suggested) / (votes.total + STRENGTH)
    target[small] = _kept(mixed, np.nan_to_num(share), votes.total, then_county, small, len(counties))
    solved = shift_areas(odds, voters, then, np.nan_to_num(target, nan=-1.0), FLOOR, CEILING)
    then_shift = np.where(np.isfinite(target) & (on_file > 0), solved, county_shift[then_county])

    # Today's precincts: what those who live there now were calibrated to where they voted then.
    expected = np.clip(logistic(odds + then_shift[then]), FLOOR, CEILING)
    here = np.bincount(now, voters, len(ids))
    own = _index(data.precincts["precinct_id"], then_ids)
    stayed = np.bincount(now, voters * (then == own[now]), len(ids)) == here
    rebased = shift_areas(odds, voters, now, _mean(expected, voters, now, len(ids)), FLOOR, CEILING)
    shift = np.where(stayed | (here == 0), then_shift[own], rebased)
    basis = np.where(exact[own], "certified", np.where(small[own], "shrunk", "county"))
    basis = np.where(stayed, basis, "rebased")
    plain = logistic(odds)
    areas = [
        Area(data.state, "precinct", name, round(float(shift[i]), 9), int(votes.total[own[i]]),
             _six(target[own[i]]) if stayed[i] else _six(_mean(expected, voters, now, len(ids))[i]),
             int(here[i]), _six(_mean(plain, voters, now, len(ids))[i]), str(basis[i]))
        for i, name in enumerate(ids)
    ]  # fmt: skip
    by_county = np.bincount(cell_county, voters, len(counties))
    areas += [
        Area(data.state, "county", name, round(float(county_shift[i]), 9), int(votes.county_total[i]),
             _six(county_share[i]), int(by_county[i]), _six(_mean(plain, voters, cell_county, len(counties))[i]),
             "certified" if np.isfinite(county_share[i]) else "none")
        for i, name in enumerate(counties)
    ]  # fmt: skip
    state_shift = shift_areas(odds, voters, zeros, np.array([state_share]), FLOOR, CEILING)
    areas.append(
        Area(data.state, "state", data.state, round(float(state_shift[0]), 9), int(whole), _six(state_share),
             int(voters.sum()), _six(_mean(plain, voters, zeros, 1)[0]), "certified" if whole else "none")
    )  # fmt: skip
    record = _record(votes, exact, small, on_file, then_shift, share, suggested, stayed)
    record |= {f"rate_{group}": round(float(rate), 6) for group, rate in zip(GROUPS, rates, strict=True)}
    return Fit(table, areas, record)


@dataclass(frozen=True)
class _Votes:
    """Two-party votes by then-precinct (central votes put back) and by county."""

    against_or_for: Floats
    total: Floats
    county_for: Floats
    county_total: Floats
    in_precincts: float


def _certified(data: Precincts, then_ids: Sequence[str], county: NDArray[np.int64], counties: Sequence[str]) -> _Votes:
    at, county_at = {name: i for i, name in enumerate(then_ids)}, {name: i for i, name in enumerate(counties)}
    counted, sums = np.zeros((2, len(then_ids))), np.zeros((2, len(counties)))
    for fips, precinct, votes_for, votes_against in data.certified.select(
        "county_fips", "precinct_id", "votes_for", "votes_against"
    ).iter_rows():
        sums[:, county_at[fips]] += (votes_for, votes_against)
        if precinct in at:
            counted[:, at[precinct]] += (votes_for, votes_against)
    whole = allocated(counted, sums, county)
    in_precincts = float(counted.sum() / max(sums.sum(), 1.0))
    return _Votes(whole[0], whole.sum(axis=0), sums[0], sums.sum(axis=0), in_precincts)


def _rates(
    data: Precincts, then: NDArray[np.int64], on_file: Floats, share: Floats, votes: _Votes,
    counties: Sequence[str], county: NDArray[np.int64], party_code: str,
) -> Floats:  # fmt: skip
    prior = np.array([PRIOR[group] for group in GROUPS])
    prior = {"D": prior, "R": 1 - prior}.get(party_code, np.full(len(GROUPS), 0.05))
    group = _index(data.cells["group"], GROUPS)
    people = np.bincount(
        then * len(GROUPS) + group, data.cells["voters"].to_numpy(), len(on_file) * len(GROUPS)
    ).reshape(-1, len(GROUPS))
    usable = np.isfinite(share) & (on_file > 0)
    if usable.any():
        make_up = people[usable] / on_file[usable][:, None]
        return group_rates(make_up, share[usable], on_file[usable], prior)
    by_county = np.zeros((len(counties), len(GROUPS)))
    np.add.at(by_county, county, people)
    sums = by_county.sum(axis=1)
    usable = (votes.county_total > 0) & (sums > 0)
    shares = votes.county_for[usable] / np.maximum(votes.county_total[usable], 1)
    return group_rates(by_county[usable] / sums[usable][:, None], shares, sums[usable], prior)


def _kept(
    mixed: Floats, share: Floats, votes: Floats, county: NDArray[np.int64], small: NDArray[np.bool_], counties: int
) -> Floats:
    """The small precincts' mixed shares, moved so that together they keep their county's certified votes."""
    weight = votes[small]
    held = np.bincount(county[small], weight, counties)
    goal = np.bincount(county[small], weight * share[small], counties) / np.maximum(held, 1)
    kept: Floats = shift_shares(mixed[small], weight, county[small], goal) if small.any() else mixed[small]
    return kept


def _counties_of(then_ids: Sequence[str], data: Precincts, counties: Sequence[str]) -> NDArray[np.int64]:
    at = {name: i for i, name in enumerate(counties)}
    of = dict(data.precincts.select("precinct_id", "county_fips").iter_rows())
    # A precinct's id begins with its county's; one that is no more has its county from there.
    return np.array([at.get(of.get(name, name[:5]), 0) for name in then_ids], dtype=np.int64)


def _index(names: pl.Series, order: Sequence[str]) -> NDArray[np.int64]:
    import polars as pl

    at = {name: i for i, name in enumerate(order)}
    return names.replace_strict(at, return_dtype=pl.Int64).to_numpy() if len(names) else np.zeros(0, dtype=np.int64)


def _mean(values: Floats, weights: Floats, area: NDArray[np.int64], size: int) -> Floats:
    """Weighted mean by area; NaN where nobody is."""
    people = np.bincount(area, weights, size)
    mean: Floats = np.where(people > 0, np.bincount(area, weights * values, size) / np.maximum(people, 1e-9), np.nan)
    return mean


def _six(share: float) -> float | None:
    return round(float(share), 6) if np.isfinite(share) and share >= 0 else None


def _record(
    votes: _Votes, exact: NDArray[np.bool_], small: NDArray[np.bool_], on_file: Floats, shift: Floats, share: Floats,
    suggested: Floats, stayed: NDArray[np.bool_],
) -> dict[str, float]:  # fmt: skip
    rows = (votes.total > 0) & (on_file > 0)
    weight = float(votes.total[rows].sum())
    off = np.abs(share - suggested)[rows]
    return {
        "voters": float(on_file.sum()),
        "precincts": float(len(on_file)),
        "precincts_to_the_vote": float(exact.sum()),
        "precincts_shrunk": float(small.sum()),
        "precincts_rebased": float((~stayed).sum()),
        "share_of_votes_in_precincts": round(votes.in_precincts, 6),
        "mean_absolute_shift": round(float((np.abs(shift) * on_file).sum() / max(float(on_file.sum()), 1.0)), 6),
        "precinct_error_of_make_up_alone": (
            round(float((off * votes.total[rows]).sum() / weight), 6) if weight else float("nan")
        ),
    }
