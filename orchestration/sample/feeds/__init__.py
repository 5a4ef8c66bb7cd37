"""What the campaign's own accounts and vendors deliver about people: one module per feed.

A module offers `write(crowd, plan, landing)`: it writes `landing/<source>/<date>/<file>` for every day of the plan
in the official layout, and returns the truth, one row per person record it wrote: source, record_key (the record's
`source_person_id`), person (int). Every module of this folder is a feed unless its name begins with an underscore;
`FEEDS` lists them by name, so that adding a feed touches no other file.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import polars as pl

    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan


class Feed(Protocol):
    """What a module of this folder offers."""

    def write(self, crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
        """Writes every day's delivery; returns source, record_key, person of each person record."""


FEEDS: tuple[str, ...] = tuple(
    sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
)


def feed(name: str) -> Feed:
    """The module of a feed."""
    return cast("Feed", import_module(f"{__name__}.{name}"))


def lifts(plan: SamplePlan) -> pl.DataFrame:
    """What the hold-outs of the sample's ads would show with endless people, one row per test."""
    from ._ads import true_lifts

    return true_lifts(plan)


def responses(name: str, crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """The true chance that each person texted through a vendor answers with something else than a refusal."""
    module = import_module(f"{__name__}.{name}")
    return cast("pl.DataFrame", module.responses(crowd, plan))
