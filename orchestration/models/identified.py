"""What identified supporters say of everybody else: corrections to the points of the support scorecard.

People who were asked at the door, on the telephone or by text answered 1 (strong for) to 5 (strong against). An
answer is no vote; ``KEPT`` says how many of those who give it are taken to prefer the campaign's party. Answers
correct two things that precincts show badly: what the groups prefer, state by state, and how far the leaning of
household, age and sex carries over to the vote. They do not correct the level: who answers is no fair sample, so each
state and way of asking has a level of its own here, which is thrown away. Certified results set the level
(``support``). Whoever was asked has points of their own, which bring them half way to their answer.

Belongs here: from people with an answer to corrections. Does not belong here: the scorecard and its shifts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .scorecard import Floats, logistic

if TYPE_CHECKING:
    import polars as pl
    from scipy.sparse import csr_matrix

# Share of those giving an answer who prefer the campaign's party. An assumption: about 95 in 100 keep to a firm
# intention, a leaning is worth seven in ten. Nobody's vote is known that could check it; on the sample (November 2026,
# 200,000 voters) the true shares behind the five answers are 0.91, 0.65, 0.51, 0.35 and 0.09.
KEPT = {"1": 0.95, "2": 0.70, "3": 0.50, "4": 0.30, "5": 0.05}
# An asked person's log odds are so much of the answer's and the rest of the group's: people who say one thing and are
# registered for another are between the two.
ANSWER_WEIGHT = 0.5
NOT_ASKED = "none"
# How much of the leaning carries over without anybody's answer: for people whose own party nothing shows (free),
# and for those whose party is known (held).
CARRIED = {"free": 0.6, "held": 0.3}
# Fewer answers than this correct nobody but those who gave them.
LEAST = 200
# How far corrections are let go (standard deviations of normal priors around none): a group's in all states, in one
# state, how much carries over, and the level of those who answered.
GROUP_SD, STATE_SD, CARRIED_SD, LEVEL_SD = 0.7, 0.35, 0.3, 10.0
MOST_STEPS, LONGEST, CLOSE = 100, 1.0, 1e-9


@dataclass(frozen=True)
class Corrections:
    """What is added to the log odds of a (state, group), and how much of the leaning carries over."""

    groups: Mapping[tuple[str, str], float] = field(default_factory=dict)
    carried: Mapping[str, float] = field(default_factory=lambda: dict(CARRIED))
    record: Mapping[str, float] = field(default_factory=dict)


NONE = Corrections()


def learn(people: pl.DataFrame) -> Corrections:
    """Corrections from people with an answer; ``NONE`` when they are fewer than ``LEAST``.

    ``people``: state, group, kind ('free' or 'held'), asked (how: 'talk' or 'text'), answer ('1' to '5'), odds (what
    group and area say, in log odds for the campaign's party), leaning (the whole of what household, age and sex say
    of a person's party, told from the campaign's side). ``record`` says how much likelier the answers of each half of
    the people are (mean log likelihood) with the corrections learned from the other half than with none.
    """
    if len(people) < LEAST:
        return NONE
    design = _design(people)
    carried = people["kind"].replace_strict(CARRIED).to_numpy()
    start = people["odds"].to_numpy() + carried * people["leaning"].to_numpy()
    meant = people["answer"].replace_strict(KEPT).to_numpy()
    value = dict(zip(design.names, _fitted(design, start, meant, design.sd), strict=True))
    groups = {
        (state, group): round(float(value["group", group] + value["group", group, state]), 6)
        for state in sorted(set(people["state"]))
        for group in sorted(set(people["group"]))
    }
    carries = {kind: round(float(share + value.get(("carried", kind), 0.0)), 6) for kind, share in CARRIED.items()}
    record = {"answers": float(len(people)), "likelihood_gained_out_of_sample": _gained(design, start, meant)}
    return Corrections(groups, carries, record)


@dataclass(frozen=True)
class _Design:
    """People x corrections, with what each column corrects and how far it is let go."""

    matrix: csr_matrix
    names: list[tuple[str, ...]]
    sd: Floats


def _design(people: pl.DataFrame) -> _Design:
    from scipy.sparse import csr_matrix

    columns: list[tuple[tuple[str, ...], float, Floats]] = []
    leaning = people["leaning"].to_numpy()
    states, texts = sorted(set(people["state"])), {name: people[name].to_numpy() for name in ("state", "group")}
    for group in sorted(set(people["group"])):
        is_in = texts["group"] == group
        columns.append((("group", group), GROUP_SD, is_in * 1.0))
        columns += [(("group", group, state), STATE_SD, (is_in & (texts["state"] == state)) * 1.0) for state in states]
    columns += [(("carried", kind), CARRIED_SD, (people["kind"] == kind).to_numpy() * leaning) for kind in CARRIED]
    for asked in sorted(set(people["asked"])):
        was_so = (people["asked"] == asked).to_numpy()
        columns += [(("level", asked, state), LEVEL_SD, (was_so & (texts["state"] == state)) * 1.0) for state in states]
    matrix = csr_matrix(np.stack([values for _, _, values in columns], axis=1))
    return _Design(matrix, [name for name, _, _ in columns], np.array([sd for _, sd, _ in columns]))


def _fitted(design: _Design, start: Floats, meant: Floats, sd: Floats, rows: NDArray[np.bool_] | None = None) -> Floats:
    """The likeliest corrections under their priors, by Newton steps. ``meant``: the share that an answer stands for."""
    from scipy.sparse import diags
    from threadpoolctl import threadpool_limits

    matrix = design.matrix if rows is None else design.matrix[rows]
    start, meant = (start, meant) if rows is None else (start[rows], meant[rows])
    value = np.zeros(matrix.shape[1])
    # One thread, so that sums are taken in one order: six decimals are the same on every run.
    with threadpool_limits(1):
        for _ in range(MOST_STEPS):
            share = logistic(matrix @ value + start)
            slope = matrix.T @ (meant - share) - value / sd**2
            bend = (matrix.T @ diags(share * (1 - share)) @ matrix).toarray() + np.diag(1 / sd**2)
            step = np.linalg.solve(bend, slope)
            # A long step from far away would overshoot and never come back.
            value = value + np.clip(step, -LONGEST, LONGEST)
            if np.abs(step).max() < CLOSE:
                break
    return value


def _gained(design: _Design, start: Floats, meant: Floats) -> float:
    """Mean gain of log likelihood on people whom the corrections were not learned from."""
    levels = np.array([name[0] == "level" for name in design.names])
    half = np.arange(len(start)) % 2 == 0
    gained = 0.0
    for learned in (half, ~half):
        for sd, sign in ((design.sd, 1.0), (np.where(levels, design.sd, 1e-6), -1.0)):
            value = _fitted(design, start, meant, sd, learned)
            share = np.clip(logistic(design.matrix[~learned] @ value + start[~learned]), 1e-9, 1 - 1e-9)
            likelihood = meant[~learned] * np.log(share) + (1 - meant[~learned]) * np.log1p(-share)
            gained += sign * float(likelihood.sum())
    return round(gained / len(start), 6)
