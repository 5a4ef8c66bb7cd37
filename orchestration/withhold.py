"""What may be said of an exception: kinds, names and where it was raised, never a value.

DuckDB quotes the offending value in conversion errors, and so do most parsers; the text of an unexpected exception goes
to the terminal, into logs and into the orchestrator's event log. Only known sentences about tables and columns pass,
and what the project itself says in exceptions of its own, which hold no values by the rules of the house.

Belongs here: reading Great Expectations' exception records, cutting exceptions down to what is public, and the guard
around every step of a refresh. Does not belong here: anything about results that did come out; dbt's own process (see
``withhold_dbt``).
"""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from orchestration.disk_advice import MARKS

_P = ParamSpec("_P")
_T = TypeVar("_T")
_HERE = Path(__file__).resolve().parents[1]


class Withheld(RuntimeError):
    """An unexpected error of a step, cut down to its kind and the line of code it came from."""


def withheld(step: Callable[_P, _T]) -> Callable[_P, _T]:
    """Guard a step: what leaves it is an exception of the project's own, or `Withheld`; neither brings another along.

    An exception's cause and context are shown and stored with it, so both are cut off.
    """

    @functools.wraps(step)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return step(*args, **kwargs)
        except Exception as error:
            said = public_error(error)
        raise said  # outside the handler, where no context would be attached

    return guarded


def public_error(error: Exception) -> Exception:
    """The exception itself where its text is the project's own, else `Withheld`; without cause or context."""
    if _is_ours(error):
        error.__cause__ = error.__context__ = None
        return error
    return Withheld(f"{public_cause(f'{type(error).__name__}: {error}')}{_place(error)}")


def _is_ours(error: Exception) -> bool:
    # What the file system says names a path, and paths are the project's.
    return type(error).__module__.split(".")[0] == "orchestration" or (
        type(error).__module__ == "builtins" and (isinstance(error, OSError) and not isinstance(error, UnicodeError))
    )


def _place(error: Exception) -> str:
    """The innermost line of the project's code that the exception went through, as ' at file:line (function)'."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(_HERE)]
    ours = [f for f in frames if "site-packages" not in f.filename] or frames
    if not ours:
        return ""
    return f" at {Path(ours[-1].filename).relative_to(_HERE)}:{ours[-1].lineno} ({ours[-1].name})"


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
    # Only where it is all that was said: a value could hold the sentence.
    (re.compile(r'^(?:\w+: )?IO Error: No files found that match the pattern "([\w./+-]+)"$'), "there is no file {}"),
)
# DuckDB's kinds by name: 'Smith Error' may be somebody.
_DUCKDB = (
    "Conversion|Invalid Input|Binder|Catalog|Parser|Syntax|Out of Range|IO|Constraint|Out of Memory|Internal|Fatal|"
    "Not implemented|Mismatch Type|Serialization|Transaction|TransactionContext|Permission|Dependency|Interrupt|"
    "Connection|HTTP|Missing Extension|Invalid Configuration|Sequence"
)
_KIND = re.compile(rf"\b((?:{_DUCKDB}) Error|[A-Z]\w*(?:Error|Exception))\b")


def public_cause(message: str) -> str:
    """Say of an exception what may be public: a known sentence, or else only what kind it was."""
    for pattern, sentence in _NAMES_ONLY:
        if match := pattern.search(message):
            return sentence.format(*match.groups())
    # Whoever runs the refresh is told what to do about a disk that is stuck.
    stuck = next((mark for mark in MARKS if mark.lower() in message.lower()), "")
    kinds = [kind for kind in _KIND.findall(message) if kind.endswith(" Error")] or _KIND.findall(message)
    return f"{kinds[0] if kinds else 'error'}{stuck and ': ' + stuck} (its text is withheld because it may quote data)"
