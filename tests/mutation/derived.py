"""What breaks a check, as far as its kind and parameters say: each way is a small change of the checked table alone.

Belongs here: corruptions that need no knowledge of the subject. Does not belong here: those written by
hand, evaluating.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from orchestration import settings as config
from orchestration.gates.checks import PRIVACY_PREFIX, Check
from orchestration.gates.privacy import DATE_OF_BIRTH, PATTERNS, PLACELESS, birth_pattern
from orchestration.sqltext import ident, literal

from .evaluate import UnknownKind, bound, relation
from .world import DataTest, World

# What the scan for identifiers must find, by the name of its pattern.
IDENTIFIERS = {
    "e-mail address": "write to jane.doe@example.org",
    "social security number": "123-45-6789",
    "telephone number": "call (919) 555-0100 now",
    "date of birth": "born 05/17/1980",
    "street address": "12 Old Mill Rd",
    "ZIP+4": "at 02139-4307",
}
# Values that senders and faults bring: not of the form, blank, far out, of another day, of a mask.
PLANTS = ("~?", None, "-1", "999", "999999999", "08/31/2026", "2031-08-31", "##/##/####", "0", "1", "10", "TRUE", "D",
          "2026-09-02 25:61", "1980-05-17")  # fmt: skip


@dataclass(frozen=True)
class Corruption:
    """A named small change: SQL on a world.

    `relation`: the one table it changes, as the SQL names it. `by_hand`, or `demanded`: not one of several ways that
    are tried, but a corruption that must be caught whatever else is.
    """

    name: str
    statements: tuple[str, ...]
    relation: str = ""
    by_hand: bool = False
    demanded: bool = False

    @property
    def must_be_caught(self) -> bool:
        """Whether it counts by itself."""
        return self.by_hand or self.demanded


def ways(world: World, check: Check) -> Iterator[Corruption]:
    """Ways to break a gate's check, the least invasive first. Raises UnknownKind for a kind without any."""
    is_scan = check.check_id.startswith(PRIVACY_PREFIX) and check.kind == "expression"
    if is_scan and "regexp_matches" in check.text("sql"):
        yield from _identifiers(check)
        return
    if check.kind not in _WAYS:
        raise UnknownKind(
            f"check {check.check_id}: tests/mutation/derived.py has no way to break kind {check.kind!r}; "
            "add one there, or a corruption of its own in tests/pipeline/corruptions"
        )
    yield from _WAYS[check.kind](world, check)


def _identifiers(check: Check) -> Iterator[Corruption]:
    """Each kind of identifier in the scanned column, of one row."""
    found = re.search(r'regexp_matches\("((?:[^"]|"")+)"', check.text("sql"))
    if found is None:
        raise UnknownKind(f"check {check.check_id}: a scan for identifiers that names no column: {check.text('sql')}")
    born = {DATE_OF_BIRTH: birth_pattern(config.load().campaign.election_date.year)}
    for pattern, regex in (PATTERNS | born | PLACELESS).items():
        # A column of places may look like an address, and one of public record hold old days.
        if literal(regex) not in check.text("sql"):
            continue
        if pattern not in IDENTIFIERS:
            raise UnknownKind(f"the scan looks for a {pattern}; add one that it must find to IDENTIFIERS in {__file__}")
        yield _set(check, found.group(1), literal(IDENTIFIERS[pattern]), pattern, rows=1, demanded=True)


def _not_null(world: World, check: Check) -> Iterator[Corruption]:
    share = float(str(check.params.get("max_share", 0)))
    rows = int(world.one(f"select count(*) from {relation(check)}"))
    yield _set(check, check.text("column"), "null", "null", rows=int(share * rows) + 1)


def _unique(world: World, check: Check) -> Iterator[Corruption]:
    table, columns = relation(check), [ident(str(c)) for c in check.items("columns")]
    filled = " and ".join(f"{column} is not null" for column in columns)
    yield _change(check, "one row twice", f"insert into {table} from {table} where {filled} limit 1")
    yield _change(check, "one row twice, nulls in its key", f"insert into {table} from {table} limit 1")
    # The key of another row, which leaves every count and sum as it was.
    several = f"(select {', '.join(columns)} from {table} where {filled} order by all limit 1)"
    if len(columns) == 1:
        yield _set(check, str(check.items("columns")[0]), several, "the key of another row", rows=2)


def _in_set(world: World, check: Check) -> Iterator[Corruption]:
    yield _set(check, check.text("column"), "'~?'", "a value that is not listed", rows=1)


def _between(world: World, check: Check) -> Iterator[Corruption]:
    for side, step in (("max", "+"), ("min", "-")):
        if check.params.get(side) is not None:
            limit = bound(check.params[side])
            unit = "interval 1 day" if limit.startswith("timestamp") else "1"
            yield _set(check, check.text("column"), f"{limit} {step} {unit}", f"beyond its {side}imum", rows=1)


def _matches(world: World, check: Check) -> Iterator[Corruption]:
    regex = literal(check.text("regex"))
    for plant in PLANTS:
        if plant is not None and not world.one(f"select regexp_matches({literal(plant)}, {regex})"):
            yield _set(check, check.text("column"), literal(plant), "a value of another form", rows=1)
            return


def _row_count(world: World, check: Check) -> Iterator[Corruption]:
    table = relation(check)
    if check.params.get("min") is not None:
        yield _change(check, "no rows", f"delete from {table}", True)
    if check.params.get("max") is not None:
        more = f"insert into {table} select t.* from {table} as t, range({check.params['max']} + 1)"
        yield _change(check, "too many rows", more)


def _foreign_key(world: World, check: Check) -> Iterator[Corruption]:
    for column in check.items("columns"):
        yield _set(check, str(column), "'~?'", "an orphan", rows=1)
        yield _set(check, str(column), "-1", "an orphan", rows=1)


def _column_set(world: World, check: Check) -> Iterator[Corruption]:
    table, column = relation(check), ident(str(check.items("columns")[-1]))
    yield _change(check, "a column more", f"alter table {table} add column one_more varchar", True)
    yield _change(check, "a column less", f"alter table {table} drop column {column}", True)
    yield _change(check, "a column renamed", f"alter table {table} rename column {column} to renamed", True)


def _condition(world: World, check: Check) -> Iterator[Corruption]:
    """Put each of the plants into each column that the condition reads, where that makes the row a bad one."""
    kind_is_share = check.kind == "share_between"
    condition = check.text("condition" if kind_is_share else "sql")
    low = check.params.get("min") if kind_is_share else None
    bad = f"({condition}) is not true" if low is not None or not kind_is_share else f"({condition}) is true"
    rows = int(world.one(f"select count(*) from {relation(check)}"))
    needed = rows if low is not None else 1
    if kind_is_share and low is None:
        needed = int(float(str(check.params["max"])) * rows) + 1
    for column, kind in world.columns(relation(check)).items():
        if not re.search(rf"\b{re.escape(column)}\b", condition):
            continue
        for plant in PLANTS:
            value = "null" if plant is None else f"try_cast({literal(plant)} as {kind})"
            if plant is not None and world.one(f"select {value} is null"):
                continue
            spoilt = f"select t.* replace ({value} as {ident(column)}) from {relation(check)} as t"
            try:
                found = int(world.one(f"select count(*) from ({spoilt}) as t where {bad}") or 0)
            except duckdb.Error:  # the condition cannot even be evaluated on it: no killer
                continue
            if found >= max(needed, 1):
                yield _set(check, column, value, f"{column} is {plant or 'null'}", rows=needed)
                yield _set(check, column, value, f"{column} is {plant or 'null'} everywhere", rows=rows)
                break


def _set(check: Check, column: str, value: str, what: str, rows: int, demanded: bool = False) -> Corruption:
    """The value in `rows` rows of the table."""
    table = relation(check)
    where = f"rowid in (select rowid from {table} order by rowid limit {max(rows, 1)})"
    return _change(check, what, f"update {table} set {ident(column)} = {value} where {where}", demanded)


def _change(check: Check, what: str, statement: str, demanded: bool = False) -> Corruption:
    return Corruption(f"{check.check_id}: {what}", (statement,), relation(check), demanded=demanded)


_WAYS: Mapping[str, Callable[[World, Check], Iterator[Corruption]]] = {
    "not_null": _not_null,
    "unique": _unique,
    "in_set": _in_set,
    "between": _between,
    "matches": _matches,
    "row_count_between": _row_count,
    "foreign_key": _foreign_key,
    "column_set": _column_set,
    "expression": _condition,
    "share_between": _condition,
    "sql_zero": lambda world, check: iter(()),
}


def ways_of_test(world: World, test: DataTest) -> Iterator[Corruption]:
    """Ways to break a generic dbt test; none for a singular one. Raises UnknownKind for a generic test it knows not."""
    if test.kind == "singular":
        return
    if test.kind not in _OF_TESTS:
        raise UnknownKind(
            f"dbt test {test.name}: tests/mutation/derived.py has no way to break the generic test {test.kind!r}"
        )
    for what, statement in _OF_TESTS[test.kind](test):
        yield Corruption(f"{test.name}: {what}", (statement,), test.subject)


def _chosen(test: DataTest, extra: str = "true") -> str:
    where = f"({test.where}) and ({extra})" if test.where else extra
    return f"rowid in (select rowid from {test.subject} where {where} order by rowid limit 1)"


def _test_key(test: DataTest) -> Iterator[tuple[str, str]]:
    columns = test.params.get("columns") or [test.params["column_name"]]
    filled = " and ".join(f"{column} is not null" for column in columns)
    for what, extra in (("one row twice", filled), ("one row twice, nulls in its key", "true")):
        yield what, f"insert into {test.subject} from {test.subject} where {_chosen(test, extra)}"


def _test_value(what: str, value: str) -> Callable[[DataTest], Iterator[tuple[str, str]]]:
    def write(test: DataTest) -> Iterator[tuple[str, str]]:
        column = ident(test.params["column_name"])
        yield what, f"update {test.subject} set {column} = {value} where {_chosen(test)}"

    return write


def _test_share(test: DataTest) -> Iterator[tuple[str, str]]:
    yield from _test_value("above one", "1.000001")(test)
    yield from _test_value("below zero", "-0.000001")(test)


_OF_TESTS: Mapping[str, Callable[[DataTest], Iterator[tuple[str, str]]]] = {
    "unique_key": _test_key,
    "unique": _test_key,
    "not_null": _test_value("null", "null"),
    "not_empty": lambda test: iter([("no rows", f"delete from {test.subject}")]),
    "one_of": _test_value("a value that is not listed", "'~?'"),
    "between_zero_and_one": _test_share,
}
