"""The goal table worked out a second time, in Polars and whole numbers, from the accepted rows on disk.

Belongs here: an independent reading of the definitions. Does not belong here: anything taken from the
warehouse (SQL, dbt macros, ``orchestration.models``), because two answers from one source prove nothing.
Shared with the warehouse on purpose: the accepted rows, the seeds, ``winnumber.toml`` and the fitted tables.
"""

from __future__ import annotations

from oracle.ledger import LINES, oracle_goals

__all__ = ["LINES", "oracle_goals"]
