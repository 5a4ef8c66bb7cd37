"""Errors of receiving, decoding, parsing and fetching deliveries.

Belongs here: the exception types that callers tell apart. Does not belong here: any decision about
when they are raised.
"""

from __future__ import annotations

from orchestration.ingest.legible import legible, shortened


class DeliveryRefused(Exception):
    """A delivery, or one member file of it, cannot be used as it is.

    ``reason_code``: stable snake-case word (``undeclared_column``). The other fields say where and
    what: file, line, column, expected, found, and what to do next. Never a value from a person's
    record: ``found`` holds counts, header texts and aggregate figures only.
    """

    def __init__(
        self,
        reason_code: str,
        message: str,
        *,
        source: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        advice: str | None = None,
    ) -> None:
        self.reason_code = reason_code
        self.message = message
        self.source = source
        self.file = file
        self.line = line
        self.column = column
        self.expected = expected
        self.found = found
        self.advice = advice
        super().__init__(str(self))

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.source,
                shortened(self.file, 600) if self.file else None,
                f"line {self.line}" if self.line is not None else None,
                f"column {shortened(self.column, 800)}" if self.column is not None else None,
            )
            if part
        )
        tail = "; ".join(
            part
            for part in (
                f"expected {shortened(self.expected, 800)}" if self.expected is not None else None,
                f"found {shortened(self.found, 800)}" if self.found is not None else None,
            )
            if part
        )
        message = legible(self.message)
        text = f"{place}: {message}" if place else message
        text = f"{text} ({tail})" if tail else text
        text = f"{text}. {self.advice}" if self.advice else text
        return f"[{self.reason_code}] {text}"
