"""Scorecards: logistic regression on binned features, as a table of points that SQL looks up and adds.

Every bin of every feature has points in log odds; a person's score is the sum of the points of the bins they are
in, their probability its logistic. A state's points lean on the points learned from all states together, bins with
few people on none at all: one penalised fit does both. Belongs here: the fit, the table, scoring in numpy (to check
SQL against) and the measures of a record. Does not belong here: what the features are, or where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
INTERCEPT = "intercept"
# Penalty on points (a normal prior of standard deviation 1 around none), and how much closer a state's own points
# are held to those of all states together.
PRIOR_SD, STATE_SD = 1.0, 0.4


@dataclass(frozen=True)
class Point:
    """One row of the lookup table: what being in a bin adds to the log odds."""

    state: str
    feature: str
    bin: str
    points: float
    training_voters: int


@dataclass(frozen=True)
class Scorecard:
    """Points by (state, feature, bin); a bin never seen adds nothing. Points of other features are passed over."""

    features: tuple[str, ...]
    points: tuple[Point, ...]

    def scores(self, people: pl.DataFrame) -> Floats:
        """Log odds of each row of ``people`` (columns state and the features), NaN in a state without an intercept."""
        return self._sums(people, (INTERCEPT, *self.features))

    def sums(self, people: pl.DataFrame) -> Floats:
        """The same without the intercept: zero in a state without points."""
        return self._sums(people, self.features)

    def _sums(self, people: pl.DataFrame, features: Sequence[str]) -> Floats:
        import polars as pl

        names = ("state", "feature", "bin", "points")
        table = pl.DataFrame({name: [getattr(point, name) for point in self.points] for name in names})
        found = people.select("state", *self.features).with_columns(pl.lit("").alias(INTERCEPT))
        total = np.zeros(len(people))
        for feature in features:
            own = table.filter(pl.col("feature") == feature).select("state", pl.col("bin").alias(feature), "points")
            added = found.select("state", feature).join(own, on=["state", feature], how="left", maintain_order="left")
            points = added["points"]
            total += (points if feature == INTERCEPT else points.fill_null(0.0)).cast(pl.Float64).to_numpy()
        return total


def logistic(odds: Floats) -> Floats:
    """The share whose log odds are ``odds``."""
    share: Floats = 1 / (1 + np.exp(-odds))
    return share


def fit(people: pl.DataFrame, voted: NDArray[np.bool_], features: Sequence[str]) -> Scorecard:
    """The scorecard of a yes-or-no outcome; points are rounded to six decimals.

    ``people``: one row each, columns ``state`` and the features, all text. Raises ValueError when the outcome is the
    same for everybody.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if not len(voted) or voted.all() or not voted.any():
        raise ValueError("scorecard: nothing to learn; the outcome is the same for everybody (or there is nobody)")
    matrix, columns = design(people, features)
    # Newton steps reach the optimum itself, so six decimals are the same on every run; one thread, so that sums are
    # taken in one order and a busy machine does not wait for itself.
    with threadpool_limits(1):
        model = LogisticRegression(C=PRIOR_SD**2, solver="newton-cholesky", max_iter=200, tol=1e-5)
        model.fit(matrix, voted)
    weights, start = model.coef_[0], float(model.intercept_[0])
    seen = np.asarray((matrix != 0).sum(axis=0)).ravel()
    points = []
    for state in sorted(set(people["state"])):
        for feature, bin_, whole, own in columns[state]:
            value = weights[whole] + STATE_SD * weights[own] + (start if feature == INTERCEPT else 0.0)
            points.append(Point(state, feature, bin_, round(float(value), 6), int(seen[own])))
    return Scorecard(tuple(features), tuple(points))


Columns = Mapping[str, Sequence[tuple[str, str, int, int]]]


def design(people: pl.DataFrame, features: Sequence[str]) -> tuple[csr_matrix, Columns]:
    """One column per bin and one per state and bin (scaled by STATE_SD).

    Returns the matrix and, by state, (feature, bin, column of the bin, column of the state's bin) for every bin seen
    anywhere, so that a state has points for a bin that only others have met.
    """
    import polars as pl
    from scipy.sparse import csr_matrix

    states = sorted(set(people["state"]))
    at = {state: index for index, state in enumerate(states)}
    state = people["state"].replace_strict(at, return_dtype=pl.Int64).to_numpy()
    rows = np.arange(len(people))
    columns: dict[str, list[tuple[str, str, int, int]]] = {name: [] for name in states}
    where, values, width = [], [], 0
    for feature in (INTERCEPT, *features):
        texts = people[feature] if feature != INTERCEPT else pl.Series([""] * len(people))
        bins = sorted(set(texts))
        code = texts.replace_strict({text: index for index, text in enumerate(bins)}, return_dtype=pl.Int64).to_numpy()
        size = len(bins)
        where += [width + code, width + size + state * size + code]
        values += [np.ones(len(people)), np.full(len(people), STATE_SD)]
        for name, place in at.items():
            columns[name] += [
                (feature, text, width + index, width + size + place * size + index) for index, text in enumerate(bins)
            ]
        width += size * (1 + len(states))
    matrix = csr_matrix(
        (np.concatenate(values), (np.tile(rows, len(where)), np.concatenate(where))), shape=(len(people), width)
    )
    return matrix, columns
