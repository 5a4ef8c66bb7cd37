"""The projection's own record: every past election projected with only what came before it, beside naive rules.

Belongs here: the rules to beat, the scores, running it all over a county table, and the page that shows it. Does not
belong here: the projection itself (``models.projection``), commands and files (``cli``). Needs no state by name.
"""

from __future__ import annotations

from .metrics import BacktestRow, as_json
from .page import backtest_page
from .run import Backtest, backtest, run_backtest

__all__ = ["Backtest", "BacktestRow", "as_json", "backtest", "backtest_page", "run_backtest"]
