"""How the people of a chunk voted in every past election, and how likely they are to vote in the coming one.

Probabilities are the truth the models are measured against; what is printed of them belongs to the writers,
what was counted to `tally`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .elections import (
    COMING,
    COMING_LEVEL,
    EARLY,
    ELECTION_DAY,
    MAIL,
    PROVISIONAL,
    Election,
    calendar,
    days,
)
from .geography import Geography
from .kinds import DEM, GONE, IND, REP, YEAR
from .people import People
from .plan import SamplePlan
from .rng import stream

NO_BALLOT, BALLOT_DEM, BALLOT_REP, BALLOT_NONPARTISAN = range(4)
# In these states only party members take a party's primary ballot.
CLOSED = ("FL", "PA")
# Voting is a habit that voting forms: each ballot pulls a person's log odds towards +CUSTOM, each general stayed away
# from towards -CUSTOM. So most of what decides is on the record, as in real files: 80 in 100 of those who voted in
# 2022 had voted in 2018 and in 2020 (Pew Research Center, July 2023: 37 of 46 % of citizens), and a state party's
# model reached an AUC of 0.836 on 2024 (docs/scores.md). What no record shows is small: `people.habit`.
CUSTOM = 2.2
PULL = {"general": 0.4, "primary": 0.2, "ppp": 0.2}
AGE_EFFECT = np.interp(
    np.arange(131),
    [18, 22, 28, 35, 45, 55, 65, 75, 84, 92, 130],
    [-0.75, -0.85, -0.65, -0.35, 0, 0.3, 0.65, 0.85, 0.5, -0.5, -1],
).astype(np.float32)


@dataclass
class Votes:
    """What a chunk's people did; mode[election, person] is 0 for "did not vote", else how.

    ballot: party ballot taken in a primary. chance: probability of voting in the coming general election.
    registered[election, person]: on the rolls that day.
    """

    elections: tuple[Election, ...]
    mode: np.ndarray
    ballot: np.ndarray
    registered: np.ndarray
    chance: np.ndarray

    def place(self, people: People, number: int) -> np.ndarray:
        """The atom each person lived in on the day of an election."""
        return np.where(people.moved > self.elections[number].number, people.moved_from, people.atom)


def build(plan: SamplePlan, geography: Geography, people: People) -> Votes:
    """Simulates the calendar in order: disposition, age, stakes, the custom formed so far, the precinct's mood."""
    state = geography.state
    rng = stream(plan.seed, state, "voting", people.chunk)
    elections = calendar(state)
    count = len(people)
    mode = np.zeros((len(elections), count), dtype=np.uint8)
    ballot = np.zeros((len(elections), count), dtype=np.uint8)
    registered = np.zeros((len(elections), count), dtype=bool)
    custom = np.zeros(count, dtype=np.float32)
    strength = np.minimum(np.abs(people.lean), 3).astype(np.float32)
    mail_taste = np.array([1.6, 0.6, 1.0, 1.0, 1.2], dtype=np.float32)[people.party]
    early_taste = np.array([1.05, 1.0, 0.9, 0.9, 0.9], dtype=np.float32)[people.party]
    for number, election in enumerate(elections):
        day = election.number
        on_rolls = (people.first_reg <= day - 25) & (people.gone > day)
        registered[number] = on_rolls
        logit = _logit(people, election.kind, election.level, day, custom)
        if election.kind != "general":
            logit += 0.35 * strength - 0.4
            if state in CLOSED:
                logit[people.party >= IND] -= 3.0
        mood = stream(plan.seed, state, "mood", number).normal(0, 0.1, geography.atoms).astype(np.float32)
        logit += mood[people.atom]
        voted = on_rolls & (rng.random(count, dtype=np.float32) < _chance(logit, people, day))
        custom = _custom(custom, election.kind, on_rolls, voted)
        mode[number, voted] = _modes(rng, election, mail_taste[voted], early_taste[voted])
        if election.kind != "general":
            ballot[number, voted] = _ballots(rng, state, people, voted)
    coming = days(COMING)
    logit = _logit(people, "general", COMING_LEVEL, coming, custom)
    mood = stream(plan.seed, state, "mood", "coming").normal(0, 0.1, geography.atoms).astype(np.float32)
    chance = np.where(people.kind == GONE, 0, _chance(logit + mood[people.atom], people, coming))
    return Votes(elections, mode, ballot, registered, chance.astype(np.float32))


def _custom(custom: np.ndarray, kind: str, on_rolls: np.ndarray, voted: np.ndarray) -> np.ndarray:
    """The custom after an election: a primary missed says nothing, a general missed says as much as one attended."""
    after: np.ndarray = np.where(voted, custom + PULL[kind] * (CUSTOM - custom), custom)
    if kind == "general":
        after = np.where(on_rolls & ~voted, custom - PULL[kind] * (CUSTOM + custom), after)
    return after.astype(np.float32)


def _logit(people: People, kind: str, level: float, day: int, custom: np.ndarray) -> np.ndarray:
    age = np.clip((day - people.birth) / YEAR, 18, 130).astype(np.int16)
    recent = (day - people.first_reg) < 300
    logit: np.ndarray = (
        people.habit * np.float32(1.0 if kind == "general" else 1.2)
        + AGE_EFFECT[age] * np.float32(1.0 if kind == "general" else 1.5)
        + custom
        + np.where(recent, np.float32(0.35), np.float32(0.0))
        + np.float32(level)
    )
    return logit


def _chance(logit: np.ndarray, people: People, day: int) -> np.ndarray:
    """Probability of voting; hardly any for people who have moved away."""
    chance: np.ndarray = 1 / (1 + np.exp(-logit))
    return np.where(people.away <= day, chance * np.float32(0.03), chance)


def _modes(rng: np.random.Generator, election: Election, mail_taste: np.ndarray, early_taste: np.ndarray) -> np.ndarray:
    """How those who voted did so; Democrats mail more, Republicans less, shares about the calendar's."""
    count = len(mail_taste)
    polls, early, mail, provisional = (np.float32(share) for share in election.modes)
    mail_weight, early_weight = mail * mail_taste, early * early_taste
    chance = rng.random(count, dtype=np.float32) * (mail_weight + early_weight + polls + provisional)
    mode = np.where(chance < mail_weight, MAIL, np.where(chance < mail_weight + early_weight, EARLY, ELECTION_DAY))
    return np.where(chance >= mail_weight + early_weight + polls, PROVISIONAL, mode).astype(np.uint8)


def _ballots(rng: np.random.Generator, state: str, people: People, voted: np.ndarray) -> np.ndarray:
    """The party ballot taken: one's own party's, or (where open) the nearer side's with some crossing over."""
    party, lean = people.party[voted], people.lean[voted]
    chance = rng.random(len(party), dtype=np.float32)
    by_lean = np.where(chance < 1 / (1 + np.exp(-1.4 * lean)), BALLOT_DEM, BALLOT_REP)
    if state in CLOSED:
        return np.where(party == DEM, BALLOT_DEM, np.where(party == REP, BALLOT_REP, BALLOT_NONPARTISAN)).astype(
            np.uint8
        )
    if state == "NC":
        by_lean = np.where(party == DEM, BALLOT_DEM, np.where(party == REP, BALLOT_REP, by_lean))
    issues_only = rng.random(len(party), dtype=np.float32) < (0.06 if state == "OH" else 0.0)
    return np.where(issues_only, BALLOT_NONPARTISAN, by_lean).astype(np.uint8)
