"""Codes of people in the sample's arrays: kind, race, sex, party."""

from __future__ import annotations

ON_FILE, GONE, FUTURE = 0, 1, 2
WHITE, BLACK, HISPANIC, ASIAN, MIXED = range(5)
FEMALE, MALE, UNKNOWN = range(3)
DEM, REP, IND, LIB, GRE = range(5)
NEVER = 2**30
YEAR = 365.2425
