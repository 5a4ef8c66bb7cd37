"""The data dictionary as Markdown: what comes in, what goes out, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.contracts.model import Column, Contract, Table
from orchestration.contracts.shape import is_unpivoted

_MOST_CODES = 40


def dictionary(contracts: Mapping[str, Contract]) -> str:
    """One page: sources by domain, then each table with its columns, codes and personal-data families."""
    parts = [
        "<!-- Written from data_contracts/ by `python -m orchestration.contracts.derive`; do not edit. -->",
        "# Data dictionary",
        "",
        "Every table that comes in or goes out, from its contract. Identifiers are text. *Personal data* names the "
        "family a column belongs to; tables for general reading hold no identity, contact or birth column.",
        "",
        "| source | table | one row per |",
        "|---|---|---|",
    ]
    for contract in contracts.values():
        parts += [f"| {contract.id} | [{t.name}](#{t.name}) | {_cell(t.grain)} |" for t in contract.tables]
    domain = ""
    for contract in sorted(contracts.values(), key=lambda c: (c.domain, c.id)):
        if contract.domain != domain:
            domain = contract.domain
            parts += ["", f"## {domain.replace('_', ' ').capitalize()}"]
        parts += _contract(contract)
    return "\n".join(parts) + "\n"


def _contract(contract: Contract) -> list[str]:
    facts = [
        ("Sender", contract.sender),
        ("Download", contract.url or ""),
        ("Licence", contract.licence),
        ("Permitted use", ", ".join(u.replace("_", " ") for u in contract.permitted_use)),
        ("Audience", f"{contract.audience}, in `{contract.database}.duckdb`" if contract.audience else ""),
        ("Expected", f"every {contract.cadence_days} days" if contract.cadence_days else ""),
        ("Shown as stale after", f"{contract.fresh_within_days} days" if contract.fresh_within_days else ""),
        ("Kept", f"{contract.retention_days} days" if contract.retention_days else ""),
        ("Limits", contract.limitations),
    ]
    about = f"`{contract.id}`, version {contract.version}. {_line(contract.purpose)}"
    lines = ["", f"### {contract.name}", "", about, ""]
    lines += [f"- {name}: {_line(value)}" for name, value in facts if value]
    for table in contract.tables:
        lines += _table(contract, table)
    return lines


def _table(contract: Contract, table: Table) -> list[str]:
    lines = [
        "",
        f"#### {table.name}",
        "",
        f"{_line(table.description)} One row per: {_line(table.grain).removeprefix('one row per ')}.",
        "",
        "| column | header | meaning | personal data |",
        "|---|---|---|---|",
    ]
    shown = _collapsed(table)
    lines += [f"| {name} | {_cell(header)} | {_cell(meaning)} | {pii} |" for name, header, meaning, pii in shown]
    for name in dict.fromkeys(c.codes for c in table.columns if c.codes):
        codes = contract.code_lists.get(str(name), {})
        if len(codes) <= _MOST_CODES:
            listed = ", ".join(f"`{code}` {_line(meaning)}" for code, meaning in codes.items())
            lines += ["", f"Codes *{name}*: {listed}."]
        else:
            lines += ["", f"Codes *{name}*: {len(codes)} of them, in `data_contracts/`."]
    return lines


def _collapsed(table: Table) -> list[tuple[str, str, str, str]]:
    """The columns as shown; the many that become rows of another table are one line."""
    shown, wide = [], 0
    for column in table.columns:
        if is_unpivoted(table, column.physical_name):
            wide += 1
            continue
        shown.append((column.name, column.physical_name, _meaning(column), column.pii.value))
    for rule in table.unpivots:
        count = f"{wide} columns" if wide else "columns"
        shown.append(("(election columns)", rule.pattern, f"{count} that become rows of {rule.table}", "political"))
    return shown


def _meaning(column: Column) -> str:
    notes = []
    if column.key:
        notes.append("key")
    elif column.required:
        notes.append("required")
    if column.codes:
        notes.append(f"codes *{column.codes}*")
    if column.since:
        notes.append(f"since {column.since}")
    if column.until:
        notes.append(f"until {column.until}, not kept")
    if column.optional and not column.until:
        notes.append("may be absent")
    for alias in column.aliases:
        until = f" until {alias.until}" if alias.until else ""
        since = f" since {alias.since}" if alias.since else ""
        notes.append(f"called {alias.physical_name}{until}{since}")
    return column.description + (f" ({'; '.join(notes)})" if notes else "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")
