"""Running the backtest over a county table: rolling, each election from a panel that ends before it.

Belongs here: the loop and its two results, the rows of scores and a frame of every county's forecast. No peeking is
structural: a forecast sees ``Panel.before(year)`` and, where it is told the state's result, two numbers per state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.models.projection.distribution import expected_drift
from orchestration.models.projection.errors import ErrorModel
from orchestration.models.projection.forecast import Projection, project
from orchestration.models.projection.intervals import Band, share_band, votes_band
from orchestration.models.projection.panel import Floats, Panel, read_panel
from orchestration.models.projection.rolling import Outcome, fit_errors, outcome_of, state_results

from .metrics import MODEL, BacktestRow, Given, Measure, errors_of, score
from .naive import KNOWN, share_rules, votes_rules

LEAST_HISTORY = 2
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Backtest:
    """``rows``: the scores. ``counties``: one row per county, election, measure and ``given``, of the model only.

    Columns of ``counties``: year, state, county_fips, county_name, measure, given, actual, forecast, low, high (share
    0..1 or votes; 80 %), error (points or percent), votes (actual), inside (the narrowest of ``LEVELS`` whose band
    holds the outcome, 1 when none does).
    """

    rows: list[BacktestRow]
    counties: pl.DataFrame


def run_backtest(table: Path | pl.DataFrame, years: Sequence[int] | None = None) -> list[BacktestRow]:
    """Scores of the model and of every naive rule, ordered by year, measure, given and method (the model first).

    ``table``: in the form of ``county_president`` (see ``read_panel``). ``years``: elections to project; every one
    with two or more before it when None. Raises ValueError for a table of another form, and for a year that is not in
    the table or has too few elections before it.
    """
    return backtest(table, years).rows


def backtest(table: Path | pl.DataFrame, years: Sequence[int] | None = None, *, least: int = LEAST_HISTORY) -> Backtest:
    """As ``run_backtest``, with every county's forecast as well.

    ``least``: elections needed before one that is projected. With one only, there is no trend: the model is then the
    previous result under one logit shift.
    """
    panel = read_panel(table)
    rows: list[BacktestRow] = []
    frames: list[pl.DataFrame] = []
    for year in _years(panel, years, least):
        found, counties = _one_year(panel, year)
        rows += found
        frames += counties
    return Backtest(rows, pl.concat(frames))


def _years(panel: Panel, asked: Sequence[int] | None, least: int) -> list[int]:
    possible = [y for i, y in enumerate(panel.years) if i >= least]
    listed = ", ".join(str(y) for y in panel.years)
    if asked is None:
        if not possible:
            raise ValueError(f"a backtest needs {least + 1} elections or more; the table has {listed}")
        return possible
    wrong = sorted(set(asked) - set(possible))
    if wrong or not asked:
        raise ValueError(
            f"cannot backtest {', '.join(map(str, wrong)) or 'no year'}: a year must be in the table ({listed}) and "
            f"have {least} elections before it"
        )
    return sorted(set(asked))


def _one_year(panel: Panel, year: int) -> tuple[list[BacktestRow], list[pl.DataFrame]]:
    history = panel.before(year)
    known = state_results(panel, year)
    drift, errors = expected_drift(history), fit_errors(history)
    rows: list[BacktestRow] = []
    frames: list[pl.DataFrame] = []
    for measure in ("share", "votes"):
        rules = share_rules(history, known) if measure == "share" else votes_rules(history, known)
        for given in ("state_result", "nothing"):
            told = given == "state_result"
            projection = project(history, year, known if told else None, drift)
            actual = outcome_of(panel, year, projection)
            found, frame = _model(history, projection, errors, actual, measure, given)
            rows += found
            frames.append(frame)
            outcome = actual.share if measure == "share" else actual.votes
            for name, forecast in rules.items():
                if (name in KNOWN) == told:
                    row = score(year, measure, given, name, forecast, outcome, actual.votes)
                    rows += [row] if row else []
    return rows, frames


def _model(
    history: Panel, projection: Projection, errors: ErrorModel, actual: Outcome, measure: Measure, given: Given
) -> tuple[list[BacktestRow], pl.DataFrame]:
    forecast, outcome = (projection.share, actual.share) if measure == "share" else (projection.votes, actual.votes)
    draw = share_band if measure == "share" else votes_band
    bands = {level: draw(projection, errors, state_known=given == "state_result", level=level) for level in LEVELS}
    band = bands[0.8]
    row = score(projection.year, measure, given, MODEL, forecast, outcome, actual.votes, band=(band.low, band.high))
    frame = pl.DataFrame(
        {
            "year": projection.year,
            "state": [projection.states[s] for s in projection.state],
            "county_fips": projection.fips,
            "county_name": history.names,
            "measure": measure,
            "given": given,
            "actual": outcome,
            "forecast": forecast,
            "low": band.low,
            "high": band.high,
            "error": errors_of(measure, forecast, outcome),
            "votes": actual.votes,
            "inside": _narrowest(outcome, bands),
        }
    )
    return [row] if row else [], frame.filter(pl.col("error").is_finite())


def _narrowest(outcome: Floats, bands: dict[float, Band]) -> Floats:
    found = np.ones(len(outcome))
    for level in sorted(bands, reverse=True):
        held = (outcome >= bands[level].low) & (outcome <= bands[level].high)
        found = np.where(held, level, found)
    return found
