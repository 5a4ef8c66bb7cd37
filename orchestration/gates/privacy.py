"""A scan of the general file for what identifies a person: e-mail addresses, telephone and social security numbers.

Belongs here: the checks of that scan. Does not belong here: which columns may be published, which the contracts
decide; this is the second line, for what stands in a column it should not stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestration.gates.checks import PRIVACY_PREFIX, Check
from orchestration.gates.counting import literal, quote

PATTERNS = {
    "e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "social security number": r"(^|[^0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9-])",
    "telephone number": r"(^|[^0-9])(\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}($|[^0-9])",
}


def identifier_scan(columns: Iterable[tuple[str, str]]) -> list[Check]:
    """One check per text column of the general file, given as (table, column); none of them may be waived."""
    return [_check(table, column) for table, column in columns]


def _check(table: str, column: str) -> Check:
    found = _found(column, tuple(PATTERNS.values()))
    return Check(
        check_id=f"{PRIVACY_PREFIX}{table.lower()}.{column.lower()}",
        table=f"main.{table}",
        kind="expression",
        # An empty table or a null column holds no identifier.
        params={"sql": f"not coalesce({found}, false)", "allow_empty": True},
        reason=f"{column} may hold no {', '.join(PATTERNS)}",
        owner="privacy",
        waivable=False,
    )


def _found(column: str, patterns: Sequence[str]) -> str:
    return " or ".join(f"regexp_matches({quote(column)}, {literal(pattern)})" for pattern in patterns)
