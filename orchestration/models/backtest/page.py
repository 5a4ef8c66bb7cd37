"""The page that shows the record: scores beside the naive rules, and pictures. Self-contained, no script, no network.

Belongs here: HTML. Does not belong here: numbers (``run``), pictures (``charts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import polars as pl

from .metrics import MODEL, BacktestRow

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; margin: .6rem 0 1.4rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; } tr.model { font-weight: 600; background: #f1f5fb; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; } figure { margin: 1rem 0 2rem; }
figcaption { color: #555; max-width: 46rem; } svg { max-width: 100%; height: auto; }
"""
GIVEN = {"state_result": "given the state's result", "nothing": "knowing nothing of the election"}
MEASURE = {"share": "Two-party share, points", "votes": "Total votes, percent"}
NOTE = (
    "Every election was projected with only the elections before it: slopes, error sizes and level. "
    "A row's error is weighted by votes (wmae) or counts every county alike (mae, rmse, bias: forecast less outcome). "
    "coverage is the part of counties inside the 80 % interval; errors are shared inside a year, so one year's "
    "coverage can be far from 80 % while the intervals are right over many."
)


def backtest_page(
    rows: Sequence[BacktestRow], counties: pl.DataFrame | None = None, *, title: str = "Backtest of the projection"
) -> str:
    """A static HTML page of the record.

    ``rows``: from ``run_backtest``. ``counties``: ``Backtest.counties``; pictures are drawn when it is given.
    Raises ValueError when there are no rows.
    """
    if not rows:
        raise ValueError("there is no backtest to show: no rows")
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(NOTE)}</p>"]
    for measure in ("share", "votes"):
        for given in ("state_result", "nothing"):
            part = [r for r in rows if r.measure == measure and r.given == given]
            if part:
                parts.append(f"<h2>{escape(MEASURE[measure])}, {escape(GIVEN[given])}</h2>")
                parts.append(_overview(part))
                parts.append(_detail(part))
    if counties is not None and not counties.is_empty():
        from .charts import figures

        for heading, text, svg in figures(counties):
            parts.append(f"<h2>{escape(heading)}</h2><figure>{svg}<figcaption>{escape(text)}</figcaption></figure>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _overview(rows: Sequence[BacktestRow]) -> str:
    years = sorted({r.year for r in rows})
    methods = list(dict.fromkeys(r.method for r in rows))
    cells = {(r.method, r.year): f"{r.wmae:.2f}" for r in rows}
    lines = [[_name(m), *(cells.get((m, y), "") for y in years)] for m in methods]
    return _table("Mean absolute error weighted by votes", ["", *map(str, years)], lines, methods)


def _detail(rows: Sequence[BacktestRow]) -> str:
    ordered = sorted(rows, key=lambda r: -r.year)
    lines = [
        [
            f"{r.year} {_name(r.method)}",
            *(f"{v:.2f}" for v in (r.wmae, r.mae, r.rmse)),
            f"{r.bias:+.2f}",
            "" if r.coverage80 is None else f"{100 * r.coverage80:.0f} %",
            f"{r.counties:,}",
        ]
        for r in ordered
    ]
    head = ["", "wmae", "mae", "rmse", "bias", "coverage", "counties"]
    return _table("All scores", head, lines, [r.method for r in ordered])


def _table(caption: str, head: Sequence[str], lines: Sequence[Sequence[str]], methods: Sequence[str]) -> str:
    top = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    body = "".join(
        f"<tr{' class=model' if method == MODEL else ''}>" + "".join(f"<td>{escape(c)}</td>" for c in line) + "</tr>\n"
        for line, method in zip(lines, methods, strict=True)
    )
    return f"<table><caption>{escape(caption)}</caption><tr>{top}</tr>\n{body}</table>"


def _name(method: str) -> str:
    return method.replace("_", " ")
