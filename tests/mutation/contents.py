"""What is asked of a delivery as a whole: state, day, order, size, drift and how much had to be set aside.

Belongs here: a sound delivery beside the one before it, and for each refusal of `ingest.content` and `ingest.rules` a
delivery that is refused for just that. Does not belong here: bytes and lines that cannot be read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.contracts.model import Contract, Kind
from orchestration.contracts.shape import stored_columns
from orchestration.ingest import content, rules
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.members import Located, ParsedTable, Quarantined
from orchestration.sqltext import ident, literal

from .account import Account, Proof
from .world import World

FAMILY = "content"
DAY = date(2026, 9, 2)
ROWS = 400  # of each file that is made: enough for every share, quickly written


def refusals() -> frozenset[str]:
    """The reason codes that content and rules can refuse with, as their source says."""
    trees = [ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")) for module in (content, rules)]
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return frozenset(
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "DeliveryRefused"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    )


def applies(contract: Contract, code: str) -> bool:
    """Whether the contract asks this of its deliveries; KeyError for a refusal that is new here."""
    # What accumulates has no delivery before it that it could be compared with.
    follows = contract.kind is not Kind.ACCUMULATE
    electorate = contract.kind is Kind.VOTERS and contract.max_fall_share is not None
    return {
        "wrong_state": contract.state_column is not None,
        "no_content_date": contract.as_of is not None,
        "newer_content": contract.as_of is not None,
        "old_content": contract.as_of is not None,
        "stale_content": follows and contract.as_of is not None,
        "rows_fell": follows and contract.max_fall_share is not None,
        "columns_changed": follows and contract.max_column_change_share is not None,
        "too_many_quarantined": True,
        "future_day": True,
        "no_rows": not contract.tables[0].may_be_empty,
        "rows_rose": electorate,
        "keys_lost": electorate and bool(contract.tables[0].key),
        "group_vanished": electorate and any(c.codes for c in stored_columns(contract.tables[0])),
    }[code]


class Delivery:
    """A contract's delivery as files, beside the one before: sound until a corruption changes it."""

    def __init__(self, world: World, contract: Contract, folder: Path) -> None:
        self.world, self.contract, self.folder = world, contract, folder
        self.first = contract.tables[0]
        asked = {self.first.name}
        asked |= {contract.as_of.table} if contract.as_of is not None else set()
        asked |= {contract.state_column[0]} if contract.state_column is not None else set()
        self.paths: dict[str, Path] = {}
        self.changes: dict[tuple[str, str], str] = {}
        if contract.as_of is not None:
            self.changes[contract.as_of.table, contract.as_of.column] = self.dated(DAY)
        for table in asked:
            self.paths[table] = self._write(table, table)
        self.rows, self.quarantined, self.day = ROWS, 0, DAY
        self.before: content.Before | None = None
        if contract.kind is not Kind.ACCUMULATE:
            newest = self.read(DAY) - timedelta(days=1) if contract.as_of is not None else None
            before = self._write(self.first.name, f"before_{self.first.name}")
            self.before = content.Before(DAY - timedelta(days=1), newest, ROWS, before)

    def set(self, table: str, column: str, value: str, before: bool = False) -> None:
        """Let a column say `value` (SQL; `n` counts the rows) in every row, and of the file before too if so said."""
        self.changes[table, column] = value
        self.paths[table] = self._write(table, table)
        if before and self.before is not None and table == self.first.name:
            self._write(table, f"before_{table}")

    def dated(self, day: date) -> str:
        """A day as the contract's dates are written, as SQL."""
        assert self.contract.as_of is not None
        return f"'{day.strftime(self.contract.as_of.date_format)}'"

    def read(self, day: date) -> date:
        """What is read of a day as it is written: of a year its first."""
        assert self.contract.as_of is not None
        form = self.contract.as_of.date_format
        return datetime.strptime(day.strftime(form), form).date()  # noqa: DTZ007  (a day has no zone)

    def _write(self, table: str, name: str) -> Path:
        path = self.folder / f"{name}.parquet"
        said = ", ".join(f"{value} as {ident(column)}" for (of, column), value in self.changes.items() if of == table)
        spoilt = f"* replace ({said})" if said else "*"
        # A short list is repeated, so that shares of it can be told apart.
        rows = f'select *, row_number() over () as n from accepted."{table}", range({ROWS}) limit {ROWS}'
        if int(self.world.one(f'select count(*) from accepted."{table}"')) >= ROWS:
            rows = f'select *, row_number() over () as n from accepted."{table}" limit {ROWS}'
        self.world.con.execute(f"copy (select {spoilt} from ({rows})) to '{path}' (format parquet)")
        return path

    def refused(self) -> Iterator[str]:
        """The reason codes of every question asked of it, each by itself."""
        con, contract, paths = self.world.con, self.contract, self.paths
        newest: list[date | None] = [None]

        def day() -> None:
            newest[0] = content.newest_date(con, contract, paths, DAY)

        first = self.first.name
        parsed = ParsedTable(first, Path("x"), 1000, 1000, 1000, [Located("x", 0, 1000, 2)], False, False)
        parsed.quarantined = [Quarantined("x", 2 + n, "it was bad", "") for n in range(self.quarantined)]
        entry = {"rows": self.rows, "lines": ROWS, "members": [["made.txt", 0, 2]]}
        questions: list[Callable[[], None]] = [
            lambda: content.check_day(self.day, f"{DAY}T06:00:00+00:00"),
            lambda: content.check_rows(contract, {first: entry}),
            lambda: content.check_state(con, contract, paths),
            day,
            lambda: content.check_order(contract, DAY, newest[0], self.before),
            lambda: content.check_fall(contract, self.rows, self.before),
            lambda: content.check_rise(contract, self.rows, self.before),
            lambda: content.check_keys(con, contract, self.first, paths[first], self.before),
            lambda: content.check_groups(con, contract, self.first, paths[first], self.before),
            lambda: content.check_drift(con, contract, self.first, paths[first], self.before),
            lambda: rules.refuse_quarantine(contract, [parsed]),
        ]
        for question in questions:
            try:
                question()
            except DeliveryRefused as refusal:
                yield refusal.reason_code


def _wrong_state(made: Delivery) -> None:
    assert made.contract.state_column is not None
    table, column, _ = made.contract.state_column
    # A fifth of the rows are another state's: more than the tenth that may be.
    made.set(table, column, f"case when n % 5 = 0 then 'ELSEWHERE' else {ident(column)} end")


def _as_of(made: Delivery, value: str) -> None:
    assert made.contract.as_of is not None
    # The file before says the same, or every voter would have changed as well.
    made.set(made.contract.as_of.table, made.contract.as_of.column, value, before=True)


def _later(made: Delivery) -> None:
    _as_of(made, f"case when n % 10 = 0 then {made.dated(DAY + timedelta(days=200))} else {made.dated(DAY)} end")


def _older(made: Delivery) -> None:
    assert made.contract.as_of is not None
    old = DAY - timedelta(days=made.contract.as_of.max_lag_days + 400)
    _as_of(made, made.dated(old))
    if made.before is not None:
        made.before = replace(made.before, newest_content_date=made.read(old) - timedelta(days=1))


def _stale(made: Delivery) -> None:
    assert made.before is not None
    made.before = replace(made.before, newest_content_date=made.read(DAY))


def _drift(made: Delivery) -> None:
    column = next(
        c.name
        for c in stored_columns(made.first)
        if not c.key
        and not c.volatile
        and (made.first.name, c.name) not in made.changes
        and (made.contract.state_column or ("", "", ""))[1] != c.name
    )
    made.set(made.first.name, column, "n::varchar || ' moved'")


def _fall(made: Delivery) -> None:
    assert made.contract.max_fall_share is not None
    made.rows = int(ROWS * (1 - made.contract.max_fall_share)) - 1


def _no_rows(made: Delivery) -> None:
    made.rows = 0
    if made.before is not None:  # nor had the file before: a fall to nothing is another refusal
        made.before = replace(made.before, rows=0)


def _rise(made: Delivery) -> None:
    made.rows = ROWS * 5 // 4 + 1


def _later_day(made: Delivery) -> None:
    made.day = DAY + timedelta(days=61)


def _other_keys(made: Delivery) -> None:
    key = made.first.key[0]
    made.set(made.first.name, key, f"{ident(key)} || '0'")


def _group(made: Delivery) -> None:
    """Let the smallest group that is looked at vanish."""
    path = made.paths[made.first.name]
    groups = [
        (n, c.name, code)
        for c in stored_columns(made.first)
        if c.codes is not None
        for code, n in made.world.con.execute(
            f"select {ident(c.name)}, count(*) as n from '{path}' group by all having n >= 20"
        ).fetchall()
        if code in made.contract.code_lists[c.codes]
    ]
    _, column, code = min(groups)
    made.set(made.first.name, column, f"case when {ident(column)} <> {literal(code)} then {ident(column)} end")


def _set_aside(made: Delivery) -> None:
    made.quarantined = int(made.contract.max_quarantined_share * 1000) + 1


CORRUPTIONS: Mapping[str, Callable[[Delivery], None]] = {
    "wrong_state": _wrong_state,
    "no_content_date": lambda made: _as_of(made, "'##'"),
    "newer_content": _later,
    "old_content": _older,
    "stale_content": _stale,
    "rows_fell": _fall,
    "columns_changed": _drift,
    "too_many_quarantined": _set_aside,
    "future_day": _later_day,
    "no_rows": _no_rows,
    "rows_rose": _rise,
    "keys_lost": _other_keys,
    "group_vanished": _group,
}


def of_content(world: World, folder: Path) -> Account:
    """The account of every refusal of every contract; works in `folder`."""
    account = Account()
    for code in sorted(refusals() - set(CORRUPTIONS)):
        why = f"a new refusal: add its corruption to {__file__}"
        account.proofs.append(Proof(FAMILY, f"refusal.{code}", None, why=why))
    for contract in world.delivered.values():
        wanted = [code for code in CORRUPTIONS if code in refusals() and applies(contract, code)]
        if list(Delivery(world, contract, folder).refused()):
            account.uncaught.append(f"{FAMILY}: {contract.id}: a sound delivery is refused")
        for code in wanted:
            made = Delivery(world, contract, folder)
            CORRUPTIONS[code](made)
            found = list(made.refused())
            account.corruptions += 1
            killer = f"{contract.id}: {code}" if code in found else None
            others = tuple(other for other in found if other != code)
            account.proofs.append(
                Proof(FAMILY, f"{contract.id}.{code}", killer, others if killer else None, f"refused for {found}")
            )
    return account
