"""What reading one query gives, without the reader: light enough to be imported anywhere.

Belongs here: the result of following a query, and the operations after which nobody can be told. Does not belong
here: sqlglot (`columns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ROWS = "*"  # stands for the rows of a relation, whichever columns they have

# How a value can reach a result. Only `VALUE` carries the value itself; the others are the operations after which
# nobody can be told from the result, each with the reason why it counts as one.
VALUE = "value"
DECLASSIFYING: Mapping[str, str] = {
    "count": "a number of people or values, whatever they are",
    "sum": "a total or a mean of numbers over many rows",
    "test": "a yes or no about the value, or the branch a case takes because of it (an age band)",
}
Ref = tuple[str, str]  # (relation as 'schema.table', column or ROWS)
Refs = dict[Ref, str]


class UnreadableQuery(ValueError):
    """The query cannot be followed to its sources; the message says what stands in the way."""


class Query(NamedTuple):
    """A query read: what each column of its result descends from, and every relation that decides its rows.

    ``columns``: result column -> (relation, column) -> how (`VALUE` or a key of ``DECLASSIFYING``).
    ``reads``: relations it takes, joins, filters on or tests against, as 'schema.table'.
    """

    columns: dict[str, Refs]
    reads: frozenset[str]
