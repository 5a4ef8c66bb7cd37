"""The counties (and independent cities) of a state with their official codes, sizes and leans.

The list is data; what is drawn by seed or taken from a table of real results is decided here. Precincts and
districts belong in `geography`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from .plan import LEAST_PER_COUNTY
from .rng import apportion, stream
from .targets import Targets

STATE_FIPS = {"NC": "37", "OH": "39", "FL": "12", "VA": "51", "PA": "42"}
# Share of the electorate: Black, Hispanic, Asian.
MINORITIES = {
    "NC": (0.21, 0.045, 0.020),
    "OH": (0.120, 0.025, 0.015),
    "FL": (0.135, 0.180, 0.025),
    "VA": (0.190, 0.050, 0.050),
    "PA": (0.100, 0.050, 0.025),
}


@dataclass(frozen=True)
class Counties:
    """One row per county in official order. share: Democratic two-party share of President 2024.

    shares: per presidential year the share in a table of real results (empty when leans are made up).
    """

    state: str
    code: list[str]
    fips: list[str]
    name: list[str]
    seat: list[str]
    region: list[str]
    is_city: list[bool]
    voters: np.ndarray
    share: np.ndarray
    shares: dict[int, np.ndarray]
    black: np.ndarray
    hispanic: np.ndarray
    asian: np.ndarray
    trend: np.ndarray

    def __len__(self) -> int:
        return len(self.fips)


def logit(share: np.ndarray) -> np.ndarray:
    """Log odds."""
    value: np.ndarray = np.log(share / (1 - share))
    return value


def listed(state: str) -> list[dict[str, str]]:
    """The state's list of counties with code and FIPS, in official order."""
    module = import_module(f".data.counties_{state.lower()}", __package__)
    rows = [line.split("|") for line in module.TABLE.strip().splitlines()]
    keys: tuple[str, ...]
    if state == "FL":
        keys = ("code", "suffix", "name", "seat", "region", "size", "lean")
    elif state == "VA":
        keys = ("code", "name", "kind", "seat", "region", "size", "lean")
    else:
        keys = ("name", "seat", "region", "size", "lean")
    counties = [dict(zip(keys, row, strict=True)) for row in rows]
    # FIPS suffixes are the odd numbers in alphabetical order; in that order McDowell stands before Macon.
    by_fips = sorted(counties, key=lambda row: row["name"].upper().replace("MCDOWELL", "MACOA"))
    for number, row in enumerate(counties, 1):
        row.setdefault("code", f"{number:02d}" if state in ("OH", "PA") else str(number))
        suffix = row.get("suffix") or (row["code"] if state == "VA" else f"{2 * by_fips.index(row) + 1:03d}")
        row["fips"] = STATE_FIPS[state] + suffix
    return counties


def build(state: str, voters: int, seed: int, targets: Targets | None) -> Counties:
    """The state's counties with `voters` shared out; sizes and leans from the targets where given.

    Raises ValueError when the state is too small to give each county a few voters, or when the table of real
    results lacks a county.
    """
    rows = listed(state)
    if voters < LEAST_PER_COUNTY * len(rows):
        raise ValueError(
            f"sample of {state}: {voters:,} voters are too few for {len(rows)} counties; "
            f"at least {LEAST_PER_COUNTY * len(rows):,} are needed (raise the number of voters or drop states)"
        )
    rng = stream(seed, state, "counties")
    size = np.array([float(row["size"]) for row in rows]) * np.exp(rng.normal(0, 0.05, len(rows)))
    share = np.array([float(row["lean"]) / 100 for row in rows])
    share = 1 / (1 + np.exp(-(logit(share) + rng.normal(0, 0.05, len(rows)))))
    trend = rng.normal(0, 0.06, len(rows)) + 0.05 * (np.log(size) - np.log(size).mean())
    shares: dict[int, np.ndarray] = {}
    if targets is not None:
        fips = [row["fips"] for row in rows]
        size = targets.totals(state, fips)
        shares = targets.shares(state, fips)
        share = shares[max(shares)]
    lean = logit(np.clip(share, 0.03, 0.97))
    minority = [
        1 / (1 + np.exp(-(np.log(part / (1 - part)) + tilt * (lean - lean.mean()) + rng.normal(0, noise, len(rows)))))
        for part, tilt, noise in zip(MINORITIES[state], (0.8, 0.35, 0.6), (0.5, 0.5, 0.4), strict=True)
    ]
    return Counties(
        state=state,
        code=[row["code"] for row in rows],
        fips=[row["fips"] for row in rows],
        name=[row["name"] for row in rows],
        seat=[row["seat"] for row in rows],
        region=[row["region"] for row in rows],
        is_city=[row.get("kind") == "I" for row in rows],
        voters=apportion(voters, size, LEAST_PER_COUNTY),
        share=share,
        shares=shares,
        black=np.minimum(minority[0], 0.7),
        hispanic=np.minimum(minority[1], 0.6),
        asian=np.minimum(minority[2], 0.25),
        trend=trend,
    )
