"""The election calendar of the sample, the contests on each ballot and how votes were cast.

Levels are logits: how much likelier people vote in this election than in an average one. Real calendar,
rounded behaviour; nothing here is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

COMING = date(2026, 11, 3)
EPOCH = date(1970, 1, 1)

# Votes are cast in one of four ways; 0 in a mode array means "did not vote".
ELECTION_DAY, EARLY, MAIL, PROVISIONAL = 1, 2, 3, 4
DEM, REP, LIB, OTHER, NONE = range(5)


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


@dataclass(frozen=True)
class Contest:
    """An office on a ballot. scope: state, cd or hd. minor: share of other parties; rolloff: ballots left blank."""

    office: str
    scope: str
    minor: float
    rolloff: float


@dataclass(frozen=True)
class Election:
    """One election day of one state. kind: general, primary or ppp (presidential primary on a day of its own)."""

    day: date
    kind: str
    level: float
    modes: tuple[float, float, float, float]
    contests: tuple[Contest, ...] = ()

    @property
    def number(self) -> int:
        """The day as days since 1970."""
        return days(self.day)

    @property
    def is_presidential(self) -> bool:
        """Whether a president is elected."""
        return self.kind == "general" and self.day.year % 4 == 0


GENERAL = {
    date(2000, 11, 7): 0.85,
    date(2002, 11, 5): -0.45,
    date(2004, 11, 2): 1.05,
    date(2006, 11, 7): -0.35,
    date(2008, 11, 4): 1.15,
    date(2010, 11, 2): -0.30,
    date(2012, 11, 6): 1.10,
    date(2014, 11, 4): -0.45,
    date(2016, 11, 8): 1.15,
    date(2018, 11, 6): 0.25,
    date(2020, 11, 3): 1.60,
    date(2022, 11, 8): 0.05,
    date(2024, 11, 5): 1.50,
}
COMING_LEVEL = 0.05
VA_ODD = {
    date(2017, 11, 7): -0.30,
    date(2019, 11, 5): -0.65,
    date(2021, 11, 2): 0.05,
    date(2023, 11, 7): -0.75,
    date(2025, 11, 4): 0.0,
}
# (day, kind, level); presidential primaries draw more people than others
PRIMARY: dict[str, tuple[tuple[date, str, float], ...]] = {
    "NC": tuple(
        (day, "primary", -1.4 if day.year % 4 == 0 else -2.1)
        for day in (
            date(2010, 5, 4),
            date(2012, 5, 8),
            date(2014, 5, 6),
            date(2016, 3, 15),
            date(2018, 5, 8),
            date(2020, 3, 3),
            date(2022, 5, 17),
            date(2024, 3, 5),
            date(2026, 3, 3),
        )
    ),
    "OH": tuple(
        (day, "primary", -1.4 if day.year % 4 == 0 else -1.9)
        for day in (
            date(2000, 3, 7),
            date(2002, 5, 7),
            date(2004, 3, 2),
            date(2006, 5, 2),
            date(2008, 3, 4),
            date(2010, 5, 4),
            date(2012, 3, 6),
            date(2014, 5, 6),
            date(2016, 3, 15),
            date(2018, 5, 8),
            date(2020, 3, 17),
            date(2022, 5, 3),
            date(2024, 3, 19),
            date(2026, 5, 5),
        )
    ),
    "PA": tuple(
        (day, "primary", -1.2 if day.year % 4 == 0 else -1.7)
        for day in (
            date(2010, 5, 18),
            date(2012, 4, 24),
            date(2014, 5, 20),
            date(2016, 4, 26),
            date(2018, 5, 15),
            date(2020, 6, 2),
            date(2022, 5, 17),
            date(2024, 4, 23),
            date(2026, 5, 19),
        )
    ),
    "FL": (
        *(
            (day, "primary", -1.5)
            for day in (
                date(2010, 8, 24),
                date(2012, 8, 14),
                date(2014, 8, 26),
                date(2016, 8, 30),
                date(2018, 8, 28),
                date(2020, 8, 18),
                date(2022, 8, 23),
                date(2024, 8, 20),
                date(2026, 8, 18),
            )
        ),
        *((day, "ppp", -1.2) for day in (date(2016, 3, 15), date(2020, 3, 17), date(2024, 3, 19))),
    ),
    "VA": (
        *(
            (day, "primary", -2.8)
            for day in (
                date(2016, 6, 14),
                date(2018, 6, 12),
                date(2020, 6, 23),
                date(2022, 6, 21),
                date(2024, 6, 18),
                date(2026, 6, 16),
            )
        ),
        *((day, "ppp", -1.7) for day in (date(2016, 3, 1), date(2020, 3, 3), date(2024, 3, 5))),
    ),
}

# Shares of election day, early, mail and provisional from the given year on.
MODES: dict[str, tuple[tuple[int, tuple[float, float, float, float]], ...]] = {
    "NC": (
        (2000, (0.520, 0.430, 0.045, 0.005)),
        (2016, (0.375, 0.580, 0.040, 0.005)),
        (2020, (0.165, 0.650, 0.180, 0.005)),
        (2021, (0.430, 0.510, 0.055, 0.005)),
        (2024, (0.245, 0.700, 0.050, 0.005)),
    ),
    "OH": (
        (2000, (0.680, 0.080, 0.220, 0.020)),
        (2020, (0.410, 0.230, 0.340, 0.020)),
        (2021, (0.600, 0.170, 0.210, 0.020)),
    ),
    "FL": (
        (2000, (0.480, 0.230, 0.288, 0.002)),
        (2020, (0.180, 0.385, 0.433, 0.002)),
        (2021, (0.350, 0.270, 0.378, 0.002)),
        (2024, (0.230, 0.490, 0.278, 0.002)),
    ),
    "VA": (
        (2000, (0.860, 0.070, 0.060, 0.010)),
        (2020, (0.385, 0.390, 0.215, 0.010)),
        (2021, (0.620, 0.250, 0.115, 0.015)),
    ),
    "PA": (
        (2000, (0.955, 0.000, 0.040, 0.005)),
        (2020, (0.610, 0.000, 0.375, 0.015)),
        (2021, (0.765, 0.000, 0.225, 0.010)),
    ),
}

PRESIDENT = Contest("president", "state", 0.018, 0.0)
SENATE = Contest("senate", "state", 0.022, 0.012)
GOVERNOR = Contest("governor", "state", 0.020, 0.006)
US_HOUSE = Contest("us_house", "cd", 0.012, 0.022)
STATE_HOUSE = Contest("state_house", "hd", 0.008, 0.035)
JUDGE = Contest("judge", "state", 0.0, 0.0)

BALLOT: dict[str, dict[int, tuple[Contest, ...]]] = {
    "NC": {
        2016: (PRESIDENT, SENATE, GOVERNOR),
        2018: (JUDGE, US_HOUSE),
        2020: (PRESIDENT, SENATE, GOVERNOR),
        2022: (SENATE, US_HOUSE, STATE_HOUSE),
        2024: (PRESIDENT, GOVERNOR, US_HOUSE, STATE_HOUSE),
    },
    "OH": {
        2016: (PRESIDENT, SENATE),
        2018: (GOVERNOR, SENATE),
        2020: (PRESIDENT,),
        2022: (GOVERNOR, SENATE, US_HOUSE),
        2024: (PRESIDENT, SENATE, US_HOUSE),
    },
    "FL": {
        2016: (PRESIDENT,),
        2018: (GOVERNOR, SENATE),
        2020: (PRESIDENT,),
        2022: (GOVERNOR, SENATE, US_HOUSE, STATE_HOUSE),
        2024: (PRESIDENT, SENATE, US_HOUSE, STATE_HOUSE),
    },
    "PA": {
        2016: (PRESIDENT,),
        2018: (GOVERNOR, SENATE),
        2020: (PRESIDENT,),
        2022: (GOVERNOR, SENATE, US_HOUSE, STATE_HOUSE),
        2024: (PRESIDENT, SENATE, US_HOUSE, STATE_HOUSE),
    },
    "VA": {
        2016: (PRESIDENT,),
        2017: (GOVERNOR,),
        2018: (SENATE,),
        2020: (PRESIDENT, SENATE),
        2021: (GOVERNOR,),
        2024: (PRESIDENT, SENATE),
        2025: (GOVERNOR,),
    },
}

# Logit swing to the Democrats against 2024, the same in all states; the person's own lean is measured in 2024.
SWING = {
    2000: 0.10,
    2004: 0.05,
    2008: 0.30,
    2012: 0.18,
    2016: 0.04,
    2017: 0.22,
    2018: 0.26,
    2020: 0.14,
    2021: 0.0,
    2022: 0.02,
    2024: 0.0,
    2025: 0.22,
}


@cache
def calendar(state: str) -> tuple[Election, ...]:
    """All elections the sample's people may have voted in, oldest first."""
    oldest = {"OH": 2000, "VA": 2016}.get(state, 2010)
    generals = dict(GENERAL) | (VA_ODD if state == "VA" else {})
    rows = [(day, "general", level) for day, level in generals.items() if day.year >= oldest]
    rows += list(PRIMARY[state])
    return tuple(
        Election(
            day, kind, level, modes_of(state, day.year), BALLOT[state].get(day.year, ()) if kind == "general" else ()
        )
        for day, kind, level in sorted(rows)
    )


def modes_of(state: str, year: int) -> tuple[float, float, float, float]:
    """The shares of election day, early, mail and provisional ballots in a year."""
    return [shares for since, shares in MODES[state] if since <= year][-1]
