"""Invented candidates: a name for every party on every ballot, the same wherever the contest is printed."""

from __future__ import annotations

from functools import cache

from .data.names import CANDIDATE_FIRST, CANDIDATE_LAST
from .elections import DEM, LIB, OTHER, REP, Contest, Election
from .rng import stream

PARTIES = (DEM, REP, LIB, OTHER)


@cache
def candidate(seed: int, state: str, election: Election, contest: Contest, district: int, party: int) -> str:
    """First name, initial and last name. A president has the same name in every state."""
    where = "" if contest.office == "president" else state
    rng = stream(seed, "candidate", where, election.number, contest.office, district)
    firsts = rng.permutation(len(CANDIDATE_FIRST))
    lasts = rng.permutation(len(CANDIDATE_LAST))
    initial = chr(65 + int(rng.integers(0, 26, 32)[party]))
    # Running mates (place 4 and on) share the draw, so no two people of a contest have one name.
    return f"{CANDIDATE_FIRST[int(firsts[party])]} {initial}. {CANDIDATE_LAST[int(lasts[party])]}"


def by_district(
    seed: int, state: str, election: Election, contest: Contest, districts: list[int], party: int
) -> list[str]:
    """The party's candidate for each entry of a list of districts."""
    names = {
        district: candidate(seed, state, election, contest, district, party) for district in sorted(set(districts))
    }
    return [names[district] for district in districts]


def running_mate(seed: int, state: str, election: Election, contest: Contest, party: int) -> str:
    """The second name on a ticket."""
    return candidate(seed, state, election, contest, 0, party + 8)
