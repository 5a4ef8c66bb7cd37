"""The SQL of a few dbt macros, for code that runs before or without dbt.

Belongs here: rendering macros that both sides must share to the letter. Does not belong here: what they say
(``dbt_project/macros``).

A telephone number normalised in two ways is an opt-out that does not work, so there is one text for both.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
_FILES = ("dialect.sql", "contact.sql", "revocation.sql")


def macro_sql(name: str, expression: str) -> str:
    """What dbt would put for ``{{ name(expression) }}`` on DuckDB; KeyError when none of the files has the macro."""
    return str(_macros()[name](expression))


@cache
def _macros() -> dict[str, Any]:
    import jinja2

    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(MACROS))  # noqa: S701  (makes SQL, no HTML)
    found: dict[str, Any] = {}

    class Adapter:
        def dispatch(self, name: str, _: str) -> Any:
            return found[f"default__{name}"]

    environment.globals["adapter"] = Adapter()
    for file in _FILES:
        module = environment.get_template(file).make_module()
        found.update({name: value for name, value in vars(module).items() if not name.startswith("_")})
        environment.globals.update(found)
    return found
