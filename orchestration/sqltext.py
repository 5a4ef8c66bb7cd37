"""Names and texts as SQL writes them.

Belongs here: quoting, once for everybody who composes a query. Does not belong here: queries.
"""

from __future__ import annotations


def ident(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def qualified(name: str) -> str:
    """'schema.table' or 'database.schema.table' with each part quoted."""
    return ".".join(ident(part) for part in name.split("."))


def literal(value: object) -> str:
    """A text, or a path, as a literal."""
    return "'" + str(value).replace("'", "''") + "'"
