"""What a sample is to be: states, people, days, seed; and how people are shared out between the states.

Nothing is generated here. Errors say what to change in the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

# Registered voters in millions, roughly; they only set the states' shares of `voters`.
STATE_SIZE = {"NC": 7.6, "OH": 8.0, "FL": 13.5, "VA": 6.3, "PA": 8.9}
STATES = tuple(STATE_SIZE)
LARGEST = 10_000_000
# Every county keeps a handful of voters, so a state cannot be smaller than this many of them per county.
LEAST_PER_COUNTY = 8
LONGEST = 60


@dataclass(frozen=True)
class SamplePlan:
    """A sample to write: the same plan always gives byte-identical files.

    states: two-letter codes among NC, OH, FL, VA, PA. voters: registered voters on day 1, all states together.
    days: daily snapshots from `first_day` on. seed: any integer. results: a table of real county or precinct
    results to reproduce by county (see `targets`), or None for made-up county leans. donor_share: donors per voter.
    Raises ValueError when a part cannot be met.
    """

    states: tuple[str, ...]
    voters: int
    days: int
    seed: int
    results: Path | None = None
    first_day: date = date(2026, 9, 1)
    donor_share: float = 0.04

    def __post_init__(self) -> None:
        unknown = [state for state in self.states if state not in STATE_SIZE]
        if not self.states or unknown or len(set(self.states)) != len(self.states):
            raise ValueError(f"sample states: expected distinct codes among {', '.join(STATES)}, found {self.states!r}")
        if not 1_000 <= self.voters <= LARGEST:
            raise ValueError(f"sample voters: expected 1,000 to {LARGEST:,}, found {self.voters:,}")
        if not 0 < self.donor_share <= 0.12:
            raise ValueError(f"sample donor share: expected above 0 and at most 0.12, found {self.donor_share:g}")
        if not 1 <= self.days <= LONGEST:
            raise ValueError(f"sample days: expected 1 to {LONGEST}, found {self.days}")
        if not date(2026, 9, 1) <= self.first_day < date(2026, 11, 3):
            raise ValueError(
                f"sample first day: expected 2026-09-01 to 2026-11-02 (before the election), found {self.first_day}"
            )

    def snapshot(self, day: int) -> date:
        """The snapshot date of day 1, 2, ..."""
        return self.first_day + timedelta(days=day - 1)

    def split(self) -> dict[str, int]:
        """Voters per state: proportional to real sizes, largest remainder, adding to `voters`."""
        total = sum(STATE_SIZE[state] for state in self.states)
        exact = {state: self.voters * STATE_SIZE[state] / total for state in self.states}
        shares = {state: int(value) for state, value in exact.items()}
        by_remainder = sorted(self.states, key=lambda state: (shares[state] - exact[state], state))
        for state in by_remainder[: self.voters - sum(shares.values())]:
            shares[state] += 1
        return shares


@dataclass(frozen=True)
class SampleReport:
    """What was written: voters on file on day 1 and rows on day 1 by state, files and bytes in all, seconds."""

    voters: dict[str, int]
    precincts: dict[str, int]
    ballots_2024: dict[str, int]
    files: int
    bytes: int
    seconds: float
