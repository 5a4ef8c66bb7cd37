"""What may be said of an exception raised by a check: kinds and names, never a value.

Belongs here: reading Great Expectations' exception records, and cutting them down to what is public. DuckDB
quotes the offending value in conversion errors, so only known sentences about tables and columns pass.
Does not belong here: anything about results that did come out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def exception_text(info: Any) -> str:
    """Find the message of a raised exception, in either shape GX uses, or an empty text."""
    if not isinstance(info, Mapping):
        return ""
    if "raised_exception" in info:
        return str(info.get("exception_message") or "unknown") if info["raised_exception"] else ""
    return next((text for text in map(exception_text, info.values()) if text), "")


# Messages that name only things the check itself names. Anything else may quote a value.
_NAMES_ONLY = (
    (re.compile(r"metrics cannot be computed on column of type (\w+)"), "not possible on a {} column"),
    (re.compile(r'[Rr]eferenced column "(\w+)" not found'), "column {} does not exist"),
    (re.compile(r"[Tt]able \"?(\w+)\"? does not have a column named \"?(\w+)\"?"), "{} has no column {}"),
    (re.compile(r'The column "(\w+)" in BatchData does not exist'), "column {} does not exist"),
    (re.compile(r'does not have a column named "(\w+)"'), "column {} does not exist"),
    (re.compile(r'Table with name "?([\w.]+)"? does not exist'), "table {} does not exist"),
    (re.compile(r'[Tt]he table "([\w.]+)" does not exist'), "table {} does not exist"),
    (re.compile(r'Catalog "(\w+)" does not exist'), "database {} is not attached"),
)
_KIND = re.compile(r"\b([A-Z][A-Za-z]* Error|[A-Z]\w*(?:Error|Exception))\b")


def public_cause(message: str) -> str:
    """Say of an exception what may be public: a known sentence, or else only what kind it was."""
    for pattern, sentence in _NAMES_ONLY:
        if match := pattern.search(message):
            return sentence.format(*match.groups())
    kinds = [kind for kind in _KIND.findall(message) if kind.endswith(" Error")] or _KIND.findall(message)
    return f"{kinds[0] if kinds else 'error'} (its text is withheld because it may quote data)"
