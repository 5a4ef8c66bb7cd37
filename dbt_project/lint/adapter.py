"""Stands in for dbt's ``adapter`` when sqlfluff renders a model (no database, no dbt).

Belongs here: just enough to give a dispatched macro a parseable shape. Used by the linter only.
"""

from __future__ import annotations

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str | None = None) -> Callable[..., str]:
    """The macro as a plain function call of its first argument; one that stands for a table as a select of it."""

    def rendered(*arguments: object, **_named: object) -> str:
        if macro_name.startswith("newest_by_"):
            return f"(select * from {arguments[0]})"
        return f"{macro_name}({arguments[0] if arguments else ''})"

    return rendered
