"""Fitted models: turnout and support, their stored versions and cards; projection and its backtest.

Fitting is seldom and happens here; scoring is daily and happens in SQL (``int_scores__voters``). Belongs
here: pure functions from counts to lookup tables, and the store of model versions. Does not belong here:
orchestration, dbt, anything about one person (the fits see counts of people only).
"""
