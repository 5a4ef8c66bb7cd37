"""What is watched for drift: measures by kind of slice, whose they are, and how much each may move.

Belongs here: the list, and the published allowances that hold before and beside what history teaches. A count whose
meaning changes takes a new name: what was counted otherwise is no history of it. Does not belong here: counting
(``profile``), judging (``judge``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DISTRICTS = ("congressional_district", "state_senate_district", "state_house_district")
# Steps of a source that must be known before its own history may narrow a band.
LEARNED_AFTER = 5
# Before that the shares below count double: nobody knows yet how calm the source is.
UNLEARNED = 2.0
# Distance in spreads. On 450 simulated quiet daily releases of 100 counties none of 44,900 changes of a county, and
# none of 1.9 million judged counts, left its band (tests/unit/drift/test_quiet_histories.py, 2026-11-26).
WARN_SPREADS, ERROR_SPREADS = 4.0, 7.0
# Days beyond which nothing more is allowed for time: a year of small losses is still a loss.
MOST_DAYS = 14
# Movements per voter and day. A voter file of a state turns over 0.05 % a day (registrations, removals and moves of
# North Carolina's weekly files); 0.4 % is what the busiest sample day does, and more than any week before a deadline.
CALMEST, USUAL, BUSIEST = 0.0005, 0.004, 0.01


@dataclass(frozen=True)
class Pace:
    """How much one kind of count may move.

    ``fall``, ``rise``: the share that may go or come at once (warn, error); None: not watched in that direction.
    ``fall_daily``, ``rise_daily``: what each day between two deliveries adds. ``floor``: rows that may come or go
    without a word (warn, error); ``fall_floor``: where fewer of them may go. ``learns``: whether history may narrow
    or shift the band. ``grows``: whether a slice that was not there before is news and not drift. ``sways``: whether
    the movements of single people explain a part. ``reason``: why these numbers.
    """

    fall: tuple[float, float]
    fall_daily: tuple[float, float]
    rise: tuple[float, float] | None
    rise_daily: tuple[float, float]
    floor: tuple[int, int]
    reason: str
    learns: bool = True
    grows: bool = False
    sways: bool = True
    fall_floor: tuple[int, int] | None = None


PACES: Mapping[str, Pace] = {
    "electorate": Pace(
        (0.003, 0.01), (0.001, 0.002), (0.003, 0.015), (0.003, 0.006), (5, 10),
        "a state's rolls lose at most a few tenths of a percent a week outside list maintenance, and gain 0.3 % a day "
        "in the last days before a registration deadline",
    ),
    "group": Pace(
        (0.006, 0.03), (0.0015, 0.004), (0.006, 0.04), (0.004, 0.008), (5, 10),
        "a county, a party or a district is a part of a state: moves within the state come on top of the state's own",
    ),
    "status": Pace(
        (0.02, 0.12), (0.004, 0.01), (0.03, 0.15), (0.006, 0.015), (5, 10),
        "confirmation mailings turn active voters inactive in batches, and each ballot cast turns one back",
    ),
    "moved": Pace(
        (1.0, 1.0), (0.0, 0.0), (0.01, 0.03), (0.004, 0.008), (10, 25),
        "people who changed their group between two deliveries; the busiest sample day moves 0.2 % between counties",
        learns=False,
    ),
    "places": Pace(
        (0.05, 0.15), (0.0, 0.0), (0.05, 0.15), (0.0, 0.0), (1, 3),
        "precincts are merged and split a few at a time, districts by a new map",
        learns=False, sways=False,
    ),
    "coverage": Pace(
        (0.01, 0.04), (0.001, 0.002), None, (0.0, 0.0), (5, 10),
        "points of a share: an attribute that was known of a county's voters is known tomorrow too",
    ),
    "history": Pace(
        (0.006, 0.03), (0.0015, 0.004), (0.02, 0.10), (0.002, 0.004), (5, 10),
        "ballots of past elections leave with the people who leave the roll; counties add late ones for months",
        grows=True,
    ),
    "certified": Pace(
        (0.001, 0.005), (0.0, 0.0), (0.02, 0.10), (0.0, 0.0), (2, 4),
        "a certified result does not change; a recount or a corrected file is acknowledged by name",
        learns=False, grows=True, sways=False,
    ),
    "growing": Pace(
        (0.005, 0.02), (0.0, 0.0), (0.20, 0.35), (0.05, 0.10), (25, 60),
        "accumulated records do not go away; a feed that doubles within a day or two was delivered twice",
        grows=True,
    ),
    "never_falls": Pace(
        (0.0, 0.0), (0.0, 0.0), (0.50, 5.0), (0.10, 1.0), (25, 60),
        "an opt-out is kept for ever, whatever a later export lacks: texting on is a violation per message; a handful "
        "more after a day of texting is what texting brings, however few had asked before",
        learns=False, grows=True, sways=False, fall_floor=(0, 0),
    ),
    "stated": Pace(
        (0.001, 0.01), (0.0, 0.0), (0.001, 0.01), (0.0, 0.0), (5, 10),
        "the sender's own count of the same day; removals under way explain a tenth of a percent",
        learns=False, sways=False,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Watched:
    """One measure by one kind of slice: two checks, one per level."""

    measure: str
    slice_kind: str
    pace: str
    owner: str
    what: str
    do: str

    @property
    def name(self) -> str:
        """Its name in check ids and in what is acknowledged."""
        return f"{self.measure}_by_{self.slice_kind}"

    @property
    def is_everywhere(self) -> bool:
        """Whether every release has something of it; a campaign may lack a feed, and a first release any history."""
        return self.measure in ("voters", "precincts") or self.measure.startswith(("with_", *DISTRICTS))


_VOTER_FILE, _FEEDS, _FIELD = "voter file", "feeds", "data"
_ASK = "Ask the sender; a real purge or redistricting is acknowledged by name"
_PART = "Look for a missing or doubled part of the delivery; a real change is acknowledged by name"
_CODE = "Look at the delivery's codes and the model that reads them; a real recoding is acknowledged by name"


def _voters() -> list[Watched]:
    kinds = {
        "state": ("electorate", "registered voters of a state", _PART),
        "county": ("group", "registered voters of a county", _PART),
        "party": ("group", "registered voters of a party in a state", _CODE),
        "status": ("status", "active and inactive voters of a state", _CODE),
        "county_party": ("group", "voters of a party in a county", _CODE),
        "county_status": ("status", "active and inactive voters of a county", _CODE),
        **{d: ("group", f"voters of a {d.replace('_', ' ')}", _ASK) for d in DISTRICTS},
    }
    moved = {
        "county": _ASK, "county_party": _CODE, "status": _CODE, **dict.fromkeys(DISTRICTS, _ASK),
    }  # fmt: skip
    return [
        *(Watched("voters", k, pace, _VOTER_FILE, what, do) for k, (pace, what, do) in kinds.items()),
        *(
            Watched(f"moved_between_{k}", "state", "moved", _VOTER_FILE, f"people whose {_words(k)} changed", do)
            for k, do in moved.items()
        ),
        *(
            Watched(f"{d}s", "state", "places", _VOTER_FILE, f"{_words(d)}s of a state", _ASK)
            for d in DISTRICTS
        ),
        Watched("precincts", "county", "places", _VOTER_FILE, "precincts of a county", _ASK),
        *(
            Watched(f"with_{what}", "county", "coverage", owner, f"voters of a county with a {_words(what)}", _CODE)
            for what, owner in COVERED.items()
        ),
    ]  # fmt: skip


def _words(name: str) -> str:
    return name.replace("_", " ")


# What must stay known of a county's voters, and whose it is.
COVERED: Mapping[str, str] = {
    "precinct": _VOTER_FILE, "party": _VOTER_FILE, "municipality": _VOTER_FILE, "birth_year": _VOTER_FILE,
    "registration_date": _VOTER_FILE, **dict.fromkeys(DISTRICTS, _VOTER_FILE), "score": "models",
    "vote_history": _VOTER_FILE, "vote_at_the_last_comparable": _VOTER_FILE, "household": "identity",
}  # fmt: skip

_AGAIN = "Look for a delivery that lacks records or was received twice"
_HISTORY = "Look for an election missing from the history file, or for history delivered twice"

WATCHED: tuple[Watched, ...] = (
    *_voters(),
    Watched("votes", "election", "history", _VOTER_FILE, "voters on file who voted in an election", _HISTORY),
    Watched("certified_rows", "election", "certified", "results", "rows of certified results", _AGAIN),
    Watched("certified_votes", "election", "certified", "results", "votes of certified results", _AGAIN),
    Watched("contact_points", "origin", "growing", _FEEDS, "contact points by channel and origin", _AGAIN),
    Watched("donors", "source", "growing", "finance", "people who gave", _AGAIN),
    Watched("gifts", "source", "growing", "finance", "gifts", _AGAIN),
    Watched("texted", "vendor", "growing", _FIELD, "texted conversations", _AGAIN),
    Watched("ad_rows", "platform", "growing", "media", "daily rows of ads", _AGAIN),
    Watched(
        "opt_outs", "channel", "never_falls", "compliance", "people who want no more of it",
        "Stop texting and calling; find the opt-outs that are gone in the feed that brought them",
    ),
    Watched(
        "opt_out_contacts", "source", "never_falls", "compliance", "people who asked, as each source told it",
        "Stop texting and calling; find the delivery whose opt-outs are no longer read",
    ),
    Watched("delivered_rows", "roll", "group", _VOTER_FILE, "rows of a voter or history file", _PART),
    Watched("delivered_rows", "feed", "growing", _FEEDS, "rows of a feed's whole export", _AGAIN),
    Watched("voters_against_stated", "slice", "stated", _VOTER_FILE, "voters against the sender's own counts", _PART),
)  # fmt: skip

BY_NAME: Mapping[str, Watched] = {w.name: w for w in WATCHED}
