"""Names that others chose, made safe to keep and to print.

Belongs here: how a file name, a member name or a header text is written into the ledger and into a message.
Does not belong here: what a message says (``errors``).

A sender's name may hold line ends, terminal codes, invisible or direction-changing characters, or bytes that are
no text at all: printed as they are they would forge lines of a log or show another name than the file has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Control, format (zero-width, bidi), surrogate and private characters; line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LONGEST = 200
_NAMES = 8


def legible(text: str) -> str:
    """The text with every character that cannot be seen written as its number, such as ``U+202E`` as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text, legible and cut after ``longest`` characters; the cut says how long it was."""
    shown = legible(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}… ({len(text)} characters)"


def listed(names: Sequence[str], most: int = _NAMES) -> str:
    """The first names of a list, each shortened, and how many more there are."""
    shown = ", ".join(shortened(name, 80) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
