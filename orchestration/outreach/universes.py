"""`universes.yaml` as typed objects, checked against what is published.

Belongs here: what a universe may say, and refusing what cannot be meant. Does not belong here: SQL (``compiled``),
people.

A universe names conditions; a condition compares one published column with a value or with a threshold of
`winnumber.toml`. Where a table has several rows per person, a condition on it holds when one row meets it. A value
that is not known meets no condition, and so meets every condition's `not`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from orchestration.contracts.load import ROOT, load_contracts
from orchestration.contracts.model import Column, Contract
from orchestration.outreach.yaml_marks import Marked, UniversesError, read_marked

__all__ = ["Condition", "Universe", "Universes", "UniversesError", "load_universes"]

FILE = "universes.yaml"
CHANNELS = ("sms", "phone", "email", "mail", "walk", "digital")
PURPOSES = ("voter_contact", "fundraising", "volunteer_recruitment")
YIELDS = ("gotv", "persuasion", "registration", "none")
EVERY = ("all",)
COMPARISONS = ("=", "<>", ">", ">=", "<", "<=")
OPERATORS = (*COMPARISONS, "in", "not in", "is known", "is unknown", "within days", "not within days")
PERSON_KEYS = ("person_id", "voter_id")
GROUPS = ("all", "any", "not")
RESERVED = (
    "universe_id", "person_id", "voter_id", "household_id", "state", "county_fips", "split_id", "conditions_met",
)  # fmt: skip
NUMBERS = ("integer", "number")
_WORD = "abcdefghijklmnopqrstuvwxyz0123456789_"


@dataclass(frozen=True)
class Condition:
    """One named comparison. ``value`` or ``threshold`` says with what; neither for `is known`.

    ``key``: the column that says whose row it is. ``single``: the table has one row per person.
    """

    name: str
    means: str
    table: str
    column: str
    logical_type: str
    operator: str
    key: str
    single: bool
    value: object = None
    threshold: str | None = None


@dataclass(frozen=True)
class Rule:
    """A combination: ``kind`` is condition, all, any or not; a condition has a ``name``, the others ``parts``."""

    kind: str
    name: str = ""
    parts: tuple[Rule, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every condition named in it, in order, once."""
        found = [self.name] if self.kind == "condition" else [n for part in self.parts for n in part.names()]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Universe:
    """One universe. ``contests``: office codes, or ``("all",)``. ``yields``: which rates price its people."""

    id: str
    name: str
    owner: str
    purpose: str
    yields: str
    channels: tuple[str, ...]
    contests: tuple[str, ...]
    why: str
    rule: Rule


@dataclass(frozen=True)
class Universes:
    """Everything the file says; ``conditions`` by name."""

    conditions: Mapping[str, Condition]
    universes: tuple[Universe, ...]

    def get(self, universe: str) -> Universe:
        """The universe of this id; LookupError naming those that exist."""
        for found in self.universes:
            if found.id == universe:
                return found
        raise LookupError(f"no universe is called {universe!r}; there are: {', '.join(u.id for u in self.universes)}")


def load_universes(
    path: Path | None = None,
    contracts: Mapping[str, Contract] | None = None,
    thresholds: Sequence[str] | None = None,
    offices: Sequence[str] | None = None,
) -> Universes:
    """Read and check the file; by default the project's own, against the project's contracts and settings.

    Raises ``UniversesError`` naming file, line and key.
    """
    path = path or ROOT.parent / FILE
    contracts = contracts if contracts is not None else load_contracts()
    published = {name: c for name, c in contracts.items() if c.domain == "published"}
    known_thresholds = _thresholds() if thresholds is None else tuple(thresholds)
    known_offices = _offices() if offices is None else tuple(offices)
    top = read_marked(path)
    top.mapping("conditions", "universes")
    conditions = {
        name: _condition(name, node, published, known_thresholds)
        for name, node in top.need("conditions").mapping().items()
    }
    nodes = top.need("universes").items()
    universes = [_universe(node, conditions, known_offices) for node in nodes]
    seen: set[str] = set()
    for universe, node in zip(universes, nodes, strict=True):
        if universe.id in seen:
            raise node.need("id").error(f"{universe.id!r} is used twice; ids are unique")
        seen.add(universe.id)
        _lawful(universe, node, conditions, published)
    used = {name for universe in universes for name in universe.rule.names()}
    for name, node in top.need("conditions").mapping().items():
        if name not in used:
            raise node.error("no universe names this condition; use it or take it out")
    return Universes(conditions, tuple(universes))


def _condition(name: str, node: Marked, published: Mapping[str, Contract], thresholds: Sequence[str]) -> Condition:
    node.mapping("means", "column", "is", "value", "threshold")
    _word(name, node)
    if name in RESERVED:
        raise node.error(f"{name!r} is a column of every universe; call the condition something else")
    said = node.need("column")
    table, _, column_name = said.text().partition(".")
    if table not in published:
        raise said.error(f"no published table is called {table!r}; there are: {', '.join(sorted(published))}")
    (described,) = published[table].tables
    try:
        column: Column = described.column(column_name)
    except KeyError:
        known = ", ".join(c.name for c in described.columns)
        raise said.error(f"{table} has no column {column_name!r}; it has {known}") from None
    key = next((k for k in PERSON_KEYS if any(c.name == k for c in described.columns)), None)
    if key is None:
        raise said.error(f"{table} has neither {' nor '.join(PERSON_KEYS)}: its rows are about no person")
    operator = node.need("is").one_of(OPERATORS)
    value, threshold = node.get("value"), node.get("threshold")
    if operator in ("is known", "is unknown"):
        if value is not None or threshold is not None:
            raise (value or threshold or node).error(f"`{operator}` takes neither value nor threshold")
    elif (value is None) == (threshold is None):
        raise node.error("give either a value or a threshold of winnumber.toml")
    if threshold is not None:
        if threshold.text() not in thresholds:
            raise threshold.error(
                f"winnumber.toml has no threshold {threshold.text()!r}; there are: {', '.join(thresholds)}"
            )
        if column.logical_type not in NUMBERS or operator not in COMPARISONS:
            raise threshold.error(f"a threshold is a number: compare a number with it, not {column.logical_type}")
    return Condition(
        name=name,
        means=node.need("means").text(),
        table=table,
        column=column_name,
        logical_type=column.logical_type,
        operator=operator,
        key=key,
        single=described.key == (key,),
        value=None if value is None else _value(value, operator, column),
        threshold=None if threshold is None else threshold.text(),
    )


def _value(node: Marked, operator: str, column: Column) -> object:
    """The value compared with, of the column's type; a tuple for `in`."""
    if operator in ("within days", "not within days"):
        if column.logical_type not in ("date", "timestamp"):
            raise node.error(f"`{operator}` needs a column of dates; {column.name} is {column.logical_type}")
        if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 0:
            raise node.error(f"`{operator}` takes a whole number of days")
        return node.value
    if operator in ("in", "not in"):
        return tuple(_scalar(item, column) for item in node.items())
    if isinstance(node.value, (list, dict)):
        raise node.error(f"`{operator}` takes one value; `in` takes a list")
    if column.logical_type == "boolean" and operator not in ("=", "<>"):
        raise node.error(f"{column.name} is yes or no; compare it with = or <>")
    return _scalar(node, column)


def _scalar(node: Marked, column: Column) -> object:
    value, wanted = node.value, column.logical_type
    if wanted == "boolean" and isinstance(value, bool):
        return value
    if wanted == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if wanted == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    if wanted == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value
    if wanted == "string" and isinstance(value, str):
        return value
    raise node.error(f"{column.name} is of type {wanted}; a value of that type is expected, found {value!r}")


def _universe(node: Marked, conditions: Mapping[str, Condition], offices: Sequence[str]) -> Universe:
    node.mapping("id", "name", "owner", "purpose", "yields", "channels", "contests", "why", "who")
    identity = node.need("id")
    _word(identity.text(), identity)
    contests = node.need("contests")
    if isinstance(contests.value, str):
        served: tuple[str, ...] = (contests.one_of(EVERY),)
    else:
        served = tuple(item.one_of(tuple(offices)) for item in contests.items())
    return Universe(
        id=identity.text(),
        name=node.need("name").text(),
        owner=node.need("owner").text(),
        purpose=node.need("purpose").one_of(PURPOSES),
        yields=node.need("yields").one_of(YIELDS),
        channels=tuple(item.one_of(CHANNELS) for item in node.need("channels").items()),
        contests=served,
        why=node.need("why").text(),
        rule=_rule(node.need("who"), conditions),
    )


def _lawful(
    universe: Universe, node: Marked, conditions: Mapping[str, Condition], published: Mapping[str, Contract]
) -> None:
    """Refuse a universe that looks for people by a table which may not serve its purpose."""
    for name in universe.rule.names():
        table = conditions[name].table
        allowed = published[table].permitted_use
        if universe.purpose not in allowed:
            raise node.need("purpose").error(
                f"{universe.purpose} is not a use of {table}, which the condition {name} reads; "
                f"its contract permits {', '.join(allowed) or 'none'}"
            )


def _rule(node: Marked, conditions: Mapping[str, Condition]) -> Rule:
    if isinstance(node.value, str):
        if node.value not in conditions:
            raise node.error(f"no condition is called {node.value!r}; there are: {', '.join(conditions)}")
        return Rule("condition", node.value)
    said = node.mapping(*GROUPS)
    if len(said) != 1:
        raise node.error(f"expected the name of a condition, or one of {', '.join(GROUPS)}")
    ((kind, below),) = said.items()
    if kind == "not":
        return Rule("not", parts=(_rule(below, conditions),))
    return Rule(kind, parts=tuple(_rule(item, conditions) for item in below.items()))


def _word(text: str, node: Marked) -> None:
    if not text or text[0].isdigit() or set(text) - set(_WORD):
        raise node.error(f"{text!r} is not a name: lower-case letters, digits and _ only")


def _thresholds() -> tuple[str, ...]:
    from orchestration import settings

    # The project's own file, not one from the environment: what is compiled is checked in.
    campaign = settings.load(config=settings.PROJECT_ROOT / "winnumber.toml").campaign
    return tuple(t.name for t in campaign.thresholds)


def _offices() -> tuple[str, ...]:
    import csv

    with (ROOT.parent / "dbt_project" / "seeds" / "offices.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(row["office_code"] for row in csv.DictReader(lines))
