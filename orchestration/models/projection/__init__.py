"""Projection of certified county results to a coming election, with its joint error model.

Two parts, reported apart. *Level*: the state's two-party share and total votes (``level``), mostly unknowable and
therefore carried by the interval. *Distribution*: where in the state those votes are (``distribution``).
``forecast`` joins them, ``errors`` and ``rolling`` measure how wrong they were before, ``intervals`` and ``college``
turn that into bands, win probabilities and the electoral-college table.

Belongs here: pure functions from a table of certified results to numbers. Does not belong here: files, databases,
orchestration, the naive rules and scores (``models.backtest``). Nothing here knows a state by name.
"""

from __future__ import annotations

from .college import CollegeRow, ElectoralCollege, electoral_college
from .errors import Component, ErrorModel, Scale
from .forecast import Projection, project
from .intervals import Band, Sums, share_band, simulate, votes_band, win_probability
from .level import StateResult
from .panel import COLUMNS, Panel, read_panel
from .rolling import fit_errors

__all__ = [
    "COLUMNS",
    "Band",
    "CollegeRow",
    "Component",
    "ElectoralCollege",
    "ErrorModel",
    "Panel",
    "Projection",
    "Scale",
    "StateResult",
    "Sums",
    "electoral_college",
    "fit_errors",
    "project",
    "read_panel",
    "share_band",
    "simulate",
    "votes_band",
    "win_probability",
]
