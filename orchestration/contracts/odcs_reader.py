"""The part of a contract that says how a file is read: ``reader``, ``sheet``, ``unpivot``.

Belongs here: the spelling of these blocks. Does not belong here: reading files (``ingest``).
"""

from __future__ import annotations

import re

from orchestration.contracts.model import Reader, Sheet, Unpivot
from orchestration.contracts.text import Node


def reader_from(node: Node) -> Reader:
    """A ``reader`` block; raises ``ContractError``."""
    node.only(
        "members", "format", "exclude", "encoding", "delimiter", "quote", "header", "order", "trailingDelimiter",
        "shortRows", "fromName", "nullValues", "multiline", "sheet", "orderSince", "finalNewline",
        "ignoredColumns", "titleLines", "totalRows", "excelTabs",
    )  # fmt: skip
    for key in ("members", "exclude", "fromName", "ignoredColumns", "totalRows"):
        if node.text(key) is not None:
            compiled(node, str(node.get(key)))
    encoding = node.text("encoding") or "utf-8"
    if encoding not in ("utf-8", "latin-1", "cp1252", "utf-16"):
        raise node.error(f"encoding is {encoding!r}; expected utf-8, latin-1, cp1252 or utf-16")
    order = node.text("order") or "strict"
    if order not in ("strict", "by_name"):
        raise node.error(f"order is {order!r}; expected strict or by_name")
    quote = node.get("quote", '"')
    return Reader(
        members=str(node.need("members")),
        format=node.text("format") or "delimited",
        exclude=node.text("exclude"),
        encoding=encoding,
        delimiter=str(node.get("delimiter", ",")),
        quote=None if quote is None else str(quote),
        header=bool(node.get("header", True)),
        order=order,
        trailing_delimiter=bool(node.get("trailingDelimiter", False)),
        short_rows=node.get("shortRows"),
        from_name=node.text("fromName"),
        null_values=tuple(node.strings("nullValues")),
        multiline=bool(node.get("multiline", False)),
        sheet=_sheet(node.child("sheet")) if "sheet" in node else None,
        order_since=node.day("orderSince"),
        final_newline=bool(node.get("finalNewline", True)),
        ignored=node.text("ignoredColumns"),
        title_lines=int(node.get("titleLines", 0)),
        total_rows=node.text("totalRows"),
        excel_tabs=bool(node.get("excelTabs", False)),
    )


def _sheet(node: Node) -> Sheet:
    node.only(
        "headerRow", "groupRow", "subheader", "skipFirstColumn", "fixed", "value", "label", "group",
        "padShortRows", "thousands",
    )  # fmt: skip
    if node.text("skipFirstColumn") is not None:
        compiled(node, str(node.get("skipFirstColumn")))
    return Sheet(
        header_row=int(node.get("headerRow", 0)),
        group_row=node.get("groupRow"),
        subheader=node.text("subheader"),
        skip_first_column=node.text("skipFirstColumn"),
        fixed=node.get("fixed"),
        value=str(node.get("value", "votes")),
        label=str(node.get("label", "candidate")),
        group=str(node.get("group", "contest")),
        pad_short_rows=bool(node.get("padShortRows", False)),
        thousands=bool(node.get("thousands", True)),
    )


def unpivot_from(node: Node) -> Unpivot:
    """An ``unpivot`` entry; raises ``ContractError``."""
    node.only("table", "keys", "pattern", "values")
    pattern = str(node.need("pattern"))
    groups = set(compiled(node, pattern).groupindex)
    values = tuple(node.strings("values"))
    if not values:
        raise node.error("values names no column; name the value column(s) of the new table")
    if len(values) > 1 and "value" not in groups:
        raise node.error("has several values, so the pattern needs a group (?P<value>...) that tells them apart")
    return Unpivot(str(node.need("table")), tuple(node.strings("keys")), pattern, values)


def compiled(node: Node, pattern: str) -> re.Pattern[str]:
    """A regular expression of the contract; raises ``ContractError`` when it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise node.error(f"{pattern!r} is not a regular expression: {error}") from None
