"""The rules that set a single row aside: each is broken by one cell of one row, and by it alone.

Belongs here: the rules that a contract implies for a row, a spoilt row for each, and what `ingest.rules` makes of them.
Does not belong here: lines that are no rows (the corpus of bad deliveries).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb

from orchestration.contracts.model import Contract, Table
from orchestration.contracts.shape import SPANS, has_versions, stored_columns
from orchestration.ingest.members import Located, Member, ParsedTable
from orchestration.ingest.rules import apply_rules
from orchestration.sqltext import ident, literal

from .account import Account, Proof
from .derived import PLANTS
from .world import World

FAMILY = "quarantine"
FIRST_LINE = 2  # below the header
_BLANK = "null::varchar"
_TEXTS = tuple(literal(plant) for plant in PLANTS if plant is not None)


@dataclass(frozen=True)
class Rule:
    """One rule of a table. `bad`: SQL that is true of a row that breaks it; `reason`: what the quarantine says."""

    name: str
    reason: str
    bad: str
    columns: tuple[str, ...]
    plants: tuple[str, ...]  # SQL


def rules(table: Table) -> Iterator[Rule]:
    """Every rule that one row must satisfy by itself."""
    for column in stored_columns(table):
        name = ident(column.name)
        if column.required:
            missing = f"{column.name} is missing"
            yield Rule(f"{column.name} is there", missing, f"{name} is null", (column.name,), (_BLANK,))
        if column.strict and column.pattern is not None:
            yield Rule(
                f"{column.name} has its form",
                f"{column.name} is not of the declared form",
                f"not regexp_full_match({name}, {literal(column.pattern)})",
                (column.name,),
                _TEXTS,
            )
    for rule in table.row_rules:
        named = tuple(c.name for c in stored_columns(table) if c.name in rule.sql)
        # The least and the greatest value that other rows have are of the right form, if of any.
        ends = tuple(f'(select {end}({{column}}) from accepted."{table.name}")' for end in ("min", "max"))
        bad = f"({rule.sql}) is not true"
        yield Rule(rule.name, f"{rule.name}: {rule.reason}", bad, named, (*ends, *_TEXTS, _BLANK))


def of_quarantine(world: World, folder: Path) -> Account:
    """The account of every rule on rows, over all delivered tables; works in `folder`."""
    account = Account()
    for contract in world.delivered.values():
        for table in contract.tables:
            if table.reader is not None:
                account.add(_of_table(world, contract, table, folder / f"{table.name}.parquet"))
    return account


def _of_table(world: World, contract: Contract, table: Table, path: Path) -> Account:
    con, found = world.con, list(rules(table))
    unique = has_versions(contract, table)
    if not found and not unique:
        return Account()
    sound = _sound_row(world, table, found)
    spoilt = {rule: made for rule in found if (made := _spoilt_row(con, sound, rule, found)) is not None}
    rows = [sound, *(row for row, _ in spoilt.values()), *([sound] if unique and table.key else [])]
    numbered = " union all by name ".join(
        f"select *, 0 as _member, {FIRST_LINE + n}::bigint as _line from ({row})" for n, row in enumerate(rows)
    )
    con.execute(f"copy ({numbered}) to '{path}' (format parquet)")
    reasons = _quarantined(con, table, path, len(rows), unique)

    account = Account(corruptions=len(rows) - 1)
    checks = {rule: f"{table.name}.{rule.name}" for rule in found}
    if FIRST_LINE in reasons:
        account.uncaught.append(f"{FAMILY}: {table.name}: a sound row is set aside: {reasons[FIRST_LINE]}")
    lines = {rule: FIRST_LINE + number for number, rule in enumerate(spoilt, start=1)}
    for rule, check in checks.items():
        if rule not in spoilt:
            account.proofs.append(Proof(FAMILY, check, None, why="no plant breaks it: add one to PLANTS"))
        elif reasons.get(lines[rule]) != rule.reason:
            why = f"the row is set aside for another reason: {reasons.get(lines[rule], 'none')}"
            account.proofs.append(Proof(FAMILY, check, None, why=why))
        else:
            also = tuple(checks[other] for other in spoilt[rule][1] if other is not rule)
            account.proofs.append(Proof(FAMILY, check, f"{check}: one cell", also))
    if unique and table.key:
        said = reasons.get(FIRST_LINE + len(rows) - 1, "")
        killer = "the same row again" if said.endswith("repeats an earlier row") else None
        account.proofs.append(
            Proof(FAMILY, f"{table.name}.key is not repeated", killer, () if killer else None, "" if killer else said)
        )
    return account


def _sound_row(world: World, table: Table, found: list[Rule]) -> str:
    """A select of the first accepted row, as the parser hands it on."""
    wanted = " and ".join(f"({rule.bad}) is not true" for rule in found) or "true"
    dropped = [name for name, _, _ in SPANS if name in world.columns(f'accepted."{table.name}"')]
    world.con.execute(
        f"create or replace temp table sound_{table.name} as select * exclude ({', '.join([*dropped, 'line_number'])}) "
        f'from accepted."{table.name}" where {wanted} limit 1'
    )
    return f"from sound_{table.name}"


def _spoilt_row(
    con: duckdb.DuckDBPyConnection, sound: str, rule: Rule, every: list[Rule]
) -> tuple[str, list[Rule]] | None:
    """A row that breaks the rule, and all the rules it breaks: just this one if there is such a row."""
    best: tuple[str, list[Rule]] | None = None
    for column in rule.columns:
        for plant in rule.plants:
            row = f"select * replace ({plant.format(column=ident(column))} as {ident(column)}) {sound}"
            try:
                broken = _broken(con, row, every)
            except duckdb.Error:  # the rules cannot be evaluated on it; ingest could not either
                continue
            if rule in broken and (best is None or len(broken) < len(best[1])):
                best = row, broken
            if best is not None and len(best[1]) == 1:
                return best
    return best


def _broken(con: duckdb.DuckDBPyConnection, row: str, every: list[Rule]) -> list[Rule]:
    flags = con.execute(f"select {', '.join(rule.bad for rule in every)} from ({row})").fetchone() or ()
    return [rule for rule, flag in zip(every, flags, strict=True) if flag]


def _quarantined(con: duckdb.DuckDBPyConnection, table: Table, path: Path, rows: int, unique: bool) -> dict[int, str]:
    """Line -> reason of the rows that `ingest` sets aside."""
    lines = path.with_suffix(".txt")
    lines.write_text("".join(f"line {number}\n" for number in range(1, rows + FIRST_LINE)))
    parsed = ParsedTable(table.name, path, rows, rows, rows, [Located("made.txt", 0, rows, FIRST_LINE)], True, True)
    # Of a member only its path is asked here, for the text of the line.
    member = cast(Member, SimpleNamespace(path=lines))
    apply_rules(con, table, parsed, [member], unique_key=unique)
    assert parsed.rows + len(parsed.quarantined) == rows, f"{table.name}: rows are lost"
    return {row.line: row.reason for row in parsed.quarantined}
