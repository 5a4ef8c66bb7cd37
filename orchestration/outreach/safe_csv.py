"""Comma-separated files that no spreadsheet runs and every importer reads.

Belongs here: what may stand in a cell, and writing cells. Does not belong here: which columns a channel takes.

Rules, held by a test over hostile text:

* every cell stands in quotes, quotes in it are doubled (RFC 4180); lines end in CR LF; the file is UTF-8;
* characters nobody sees (controls, zero-width, direction marks, surrogates) go, line ends and tabs become one space;
* a cell whose first character starts a formula, also as a full-width form, gets an apostrophe in front (CWE-1236);
  telephone numbers are written as digits (19195550142) and need none: read such columns as text.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

TRIGGERS = frozenset("=+-@\t\r\n|%")
# Categories of characters that carry no glyph: control, format (zero-width, bidi), surrogate, private, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Fillers that are letters by category and blank to the eye.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
_PLAIN = re.compile(r"[ -~]*")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text on one line, without characters that nobody sees; letters of every script stay as they are."""
    if _PLAIN.fullmatch(text):
        return _SPACES.sub(" ", text).strip()
    spaced = _SPACES.sub(" ", text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN and c not in _BLANK)
    return _SPACES.sub(" ", kept).strip()


def cell(value: object) -> str:
    """A value as the text of one cell: clean, and never the start of a formula."""
    if value is None:
        return ""
    text = clean(str(value))
    # Full-width signs are formulas too once a program has folded them; combining marks hide nothing.
    first = unicodedata.normalize("NFKC", text[:1])[:1]
    return f"'{text}" if first in TRIGGERS and first else text


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Header and rows as the bytes of a file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8")
