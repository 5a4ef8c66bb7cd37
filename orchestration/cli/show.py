"""How the command line prints: tables for people, JSON and CSV for machines, complaints on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orchestration.progress import Step

Row = dict[str, Any]
WORTH_SHOWING = 1.0  # seconds


def plain(value: object) -> object:
    """A value as JSON takes it; decimals stay exact as numbers where they are whole, text otherwise."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, default=plain, indent=1, ensure_ascii=False) + "\n")


def print_csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Comma-separated text; cells that a spreadsheet would run as a formula are defused."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[defused(row[c]) for c in columns] for row in rows])


def defused(value: object) -> object:
    """Text that starts like a formula gets a leading apostrophe (CWE-1236)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\0"):
        return "'" + value
    return value


def print_table(rows: Sequence[Row], columns: Sequence[str], title: str | None = None) -> None:
    """A table on stdout; numbers right-aligned with thousands separators."""
    from rich.console import Console
    from rich.table import Table

    wide = Console(width=None if sys.stdout.isatty() else 200)
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        numeric = any(isinstance(r[column], (int, float, Decimal)) for r in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[c]) for c in columns))
    wide.print(table)


def print_rows(rows: Sequence[Row], columns: Sequence[str], form: str, title: str | None = None) -> None:
    """Rows in the form asked for: table, json or csv."""
    if form == "json":
        print_json([{c: row[c] for c in columns} for row in rows])
    elif form == "csv":
        print_csv(rows, columns)
    else:
        print_table(rows, columns, title)


def say(text: str) -> None:
    """A line for people, on stderr, so that stdout stays for results."""
    sys.stderr.write(text + "\n")


def complain(text: str) -> None:
    """An error in words, on stderr."""
    say(f"winnumber: {text}")


@contextmanager
def progress() -> Iterator[None]:
    """Show what took time or touched rows, as it is reported."""
    from orchestration.progress import listening

    def handler(step: Step) -> None:
        if step.rows or step.seconds >= WORTH_SHOWING:
            say(f"  {step}")

    with listening(handler):
        yield


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.4g}" if abs(float(value)) < 1 else f"{value:,.2f}"
    return escape(str(value))
