"""Scores of a forecast against what counties did.

Share errors are in points, votes errors in percent of the actual votes; an error is forecast less outcome. Belongs
here: the arithmetic and the row it ends in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from orchestration.models.projection.panel import Floats

Measure = Literal["share", "votes"]
Given = Literal["state_result", "nothing"]
MODEL = "model"


@dataclass(frozen=True)
class BacktestRow:
    """How one method did in one election: share in points, votes in percent.

    ``wmae``: mean absolute error weighted by actual total votes. ``mae``, ``rmse``, ``bias``: every county alike.
    ``coverage80``: part of the counties inside the 80 % interval, None for a rule that has none. ``counties``: scored.
    """

    year: int
    measure: Measure
    given: Given
    method: str
    wmae: float
    mae: float
    rmse: float
    bias: float
    coverage80: float | None
    counties: int


def as_json(rows: Sequence[BacktestRow]) -> dict[str, list[dict[str, object]]]:
    """The rows in the published shape."""
    return {"results": [asdict(row) for row in rows]}


def errors_of(measure: Measure, forecast: Floats, actual: Floats) -> Floats:
    """Forecast less outcome: points of share, or percent of the actual votes."""
    return 100 * (forecast - actual) if measure == "share" else 100 * (forecast / actual - 1)


def score(
    year: int,
    measure: Measure,
    given: Given,
    method: str,
    forecast: Floats,
    actual: Floats,
    votes: Floats,
    band: tuple[Floats, Floats] | None = None,
) -> BacktestRow | None:
    """The row of a forecast; counties without forecast or outcome are left out; None when none remains."""
    seen = np.isfinite(forecast) & np.isfinite(actual) & (votes > 0)
    if not seen.any():
        return None
    error, weight = errors_of(measure, forecast, actual)[seen], votes[seen]
    covered = None
    if band is not None:
        covered = float(np.mean((actual[seen] >= band[0][seen]) & (actual[seen] <= band[1][seen])))
    return BacktestRow(
        year=year,
        measure=measure,
        given=given,
        method=method,
        wmae=float(np.average(np.abs(error), weights=weight)),
        mae=float(np.mean(np.abs(error))),
        rmse=float(np.sqrt(np.mean(error**2))),
        bias=float(np.mean(error)),
        coverage80=covered,
        counties=int(seen.sum()),
    )
