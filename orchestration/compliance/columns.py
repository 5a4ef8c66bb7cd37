"""What one query takes from where: column by column, and row by row.

Belongs here: reading a single SQL statement, with the columns of the relations it may name given. Does not belong
here: how statements hang together (``lineage``), what is allowed (``judge``). What cannot be read is an error: a
query nobody could follow has not been shown to be lawful.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from orchestration.compliance.query import ROWS, VALUE, Query, Ref, Refs, UnreadableQuery

DIALECT = "duckdb"
_TESTS: tuple[type[exp.Expr], ...] = (
    exp.Predicate,
    exp.Not,
    exp.Connector,
    exp.RegexpLike,
    exp.StartsWith,
    exp.EndsWith,
    exp.ArrayContains,
)
_COUNTS: tuple[type[exp.Expr], ...] = (exp.Count, exp.CountIf, exp.ApproxDistinct)
_SUMS: tuple[type[exp.Expr], ...] = (exp.Sum, exp.Avg)
# Functions that make rows out of nothing; every other table function might read a file.
_ROW_MAKERS = ("generate_series", "range", "unnest", "explodinggenerateseries", "generateseries")


@dataclass(frozen=True)
class Catalog:
    """The relations a query may name: 'schema.table' -> column -> type."""

    relations: Mapping[str, Mapping[str, str]]

    @cached_property
    def schema(self) -> MappingSchema:
        """The same as sqlglot's optimizer wants it."""
        nested: dict[str, Any] = {}
        for name, columns in self.relations.items():
            schema, _, table = name.partition(".")
            nested.setdefault(schema, {})[table] = dict(columns)
        return MappingSchema(nested, dialect=DIALECT)


def read_query(sql: str, catalog: Catalog) -> Query:
    """Follow one query to the relations it reads; raises ``UnreadableQuery``."""
    try:
        tree = sqlglot.parse_one(sql, dialect=DIALECT)
        for table in tree.find_all(exp.Table):
            table.set("catalog", None)  # one warehouse, so that the catalog's name says nothing
        _refuse_unknown(tree, catalog)
        tree = qualify(tree, schema=catalog.schema, dialect=DIALECT, quote_identifiers=False)
        scope = build_scope(tree)
        if scope is None:
            raise UnreadableQuery("it is not a query")
        reader = _Reader(catalog)
        # Every table of the text decides rows, also one in a CTE that nobody reads in the end.
        named = frozenset(_name(table) for table in tree.find_all(exp.Table) if table.db)
        return Query(reader.columns(scope), named)
    except UnreadableQuery:
        raise
    except Exception as error:  # whatever the parser stumbles over, the query has not been followed
        said = str(error).split("\n")[0] or type(error).__name__
        raise UnreadableQuery(f"it cannot be followed as {DIALECT} SQL: {said}") from None


def _refuse_unknown(tree: exp.Expr, catalog: Catalog) -> None:
    named = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            if _function(table) not in _ROW_MAKERS:
                raise UnreadableQuery(f"it reads the table function {_function(table)}; read a declared relation")
        elif not table.db and table.name not in named:
            raise UnreadableQuery(f"it reads {table.name}, which is neither declared nor one of its own CTEs")
        elif table.db and _name(table) not in catalog.relations:
            raise UnreadableQuery(f"it reads {_name(table)}, which the project does not declare")


def _function(table: exp.Table) -> str:
    function = table.this
    name = function.name if isinstance(function, exp.Anonymous) else type(function).__name__
    return name.lower()


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}".lower()


class _Reader:
    """Walks the scopes of one query; the answers of a scope are kept, as CTEs are read more than once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[int, dict[str, Refs]] = {}
        self._open: dict[int, dict[str, Refs]] = {}
        self._met_itself: set[int] = set()
        self._recursive: dict[int, Scope] = {}  # first half of a recursive CTE -> the whole CTE
        self._rows_of: dict[int, frozenset[str]] = {}
        self._kept: list[Scope] = []  # ids are those of living objects only

    def reads(self, scope: Scope) -> frozenset[str]:
        """Every relation that decides which rows the scope has."""
        key = id(scope)
        if key not in self._rows_of:
            self._rows_of[key] = frozenset()  # a recursive CTE adds nothing by reading itself
            self._kept.append(scope)
            found: set[str] = set()
            for _, source in scope.selected_sources.values():
                if isinstance(source, Scope):
                    found |= self.reads(self._whole(source))
                elif not isinstance(source.this, exp.Func):
                    found.add(_name(source))
            for inner in (*scope.subquery_scopes, *(scope.set_operation_scopes or ())):
                found |= self.reads(inner)
            self._rows_of[key] = frozenset(found)
        return self._rows_of[key]

    def columns(self, scope: Scope) -> dict[str, Refs]:
        """Result column -> what it descends from."""
        key = id(scope)
        if key in self._known:
            return self._known[key]
        if key in self._open:  # a recursive CTE reads itself: what is known of it so far
            self._met_itself.add(key)
            return self._open[key]
        self._kept.append(scope)
        self._open[key] = {}
        before = set(self._known)
        while (found := self._read(scope)) != self._open[key] and key in self._met_itself:
            self._open[key] = found  # read again, with what is known by now, until nothing new is found
            for inner in set(self._known) - before:
                del self._known[inner]
        del self._open[key]
        self._known[key] = found
        return found

    def _read(self, scope: Scope) -> dict[str, Refs]:
        body = scope.expression
        if isinstance(body, exp.SetOperation):
            return self._united(scope, body)
        if isinstance(body, exp.Select):
            found: dict[str, Refs] = {}
            for projection in body.selects:
                if isinstance(projection, exp.Star) or projection.find(exp.Columns):
                    raise UnreadableQuery("it selects * from something without declared columns; name the columns")
                found[projection.alias_or_name] = self._trace(projection, scope)
            return found
        return {ROWS: self._trace(body, scope)}  # values, unnest: one bundle

    def _united(self, scope: Scope, body: exp.SetOperation) -> dict[str, Refs]:
        if scope.is_cte:
            self._recursive[id(body.this)] = scope
        left, right = (self.columns(part) for part in scope.set_operation_scopes)
        if len(left) != len(right):
            raise UnreadableQuery(f"a union has {len(left)} columns on one side and {len(right)} on the other")
        if body.args.get("by_name"):
            return {name: _merged(left[name], right.get(name, {})) for name in left}
        # While a recursive CTE is being read its own half may still be empty.
        return {name: _merged(refs, other) for (name, refs), other in zip(left.items(), right.values(), strict=True)}

    def _trace(self, node: exp.Expr, scope: Scope, how: str = VALUE) -> Refs:
        if isinstance(node, exp.Column):
            return self._weaker(self._column(node, scope), how)
        if isinstance(node, exp.TableColumn):
            raise UnreadableQuery(f"it takes the whole row of {node.name} as one value; name the columns")
        if isinstance(node, (exp.Subquery, exp.Query)):
            return self._subquery(node, scope, how)
        found: Refs = {}
        for child, passed in _parts(node, how):
            found = _merged(found, self._trace(child, scope, passed))
        if isinstance(node, _COUNTS) and node.find(exp.Star):
            found = _merged(found, self._rows(scope, "count"))
        return found

    def _column(self, column: exp.Column, scope: Scope | None) -> Refs:
        asked = column.table
        while scope is not None:
            source = scope.sources.get(asked)
            if isinstance(source, Scope):
                return self._from_scope(source, column)
            if isinstance(source, exp.Table):
                return self._from_table(source, column, scope)
            scope = scope.parent  # a correlated subquery
        raise UnreadableQuery(f"the column {column.sql(DIALECT)} belongs to nothing it reads")

    def _whole(self, source: Scope) -> Scope:
        """The CTE itself where a source is the stub by which a recursive CTE names itself."""
        return self._recursive.get(id(source.expression), source)

    def _from_scope(self, stub: Scope, column: exp.Column) -> Refs:
        source = self._whole(stub)
        columns = self.columns(source)
        if column.name in columns:
            return columns[column.name]
        if ROWS in columns:
            return columns[ROWS]
        if id(source) in self._open:
            return {}
        raise UnreadableQuery(f"the column {column.sql(DIALECT)} is not among those of its source")

    def _from_table(self, source: exp.Table, column: exp.Column, scope: Scope) -> Refs:
        if isinstance(source.this, exp.Func):
            return self._trace(source.this, scope)
        name = _name(source)
        if name in self._catalog.relations and column.name not in self._catalog.relations[name]:
            raise UnreadableQuery(f"{name} declares no column {column.name}")
        return {(name, column.name): VALUE}

    def _subquery(self, node: exp.Expr, scope: Scope, how: str) -> Refs:
        inner = node.unnest() if isinstance(node, exp.Subquery) else node
        for candidate in _around(scope):
            for sub in (*candidate.subquery_scopes, *candidate.derived_table_scopes):
                if sub.expression is inner:
                    found: Refs = {}
                    for refs in self.columns(sub).values():
                        found = _merged(found, refs)
                    if how != VALUE:
                        found = _merged(found, self._rows(sub, how))
                    return self._weaker(found, how)
        raise UnreadableQuery(f"a subquery could not be resolved: {inner.sql(DIALECT)[:80]}")

    def _rows(self, scope: Scope, how: str) -> Refs:
        return {(name, ROWS): how for name in self.reads(scope)}

    def _weaker(self, refs: Refs, how: str) -> Refs:
        return refs if how == VALUE else {ref: known if known != VALUE else how for ref, known in refs.items()}


def _around(scope: Scope | None) -> Iterator[Scope]:
    while scope is not None:
        yield scope
        scope = scope.parent


def _merged(left: Refs, right: Mapping[Ref, str]) -> Refs:
    merged = dict(left)
    for ref, how in right.items():
        if how == VALUE or ref not in merged:
            merged[ref] = how
    return merged


def _parts(node: exp.Expr, how: str) -> Iterator[tuple[exp.Expr, str]]:
    """The parts of an expression, each with how its values reach the result."""
    weaker = how if how != VALUE else None
    for name, child in _children(node):
        if isinstance(node, _TESTS):
            yield child, weaker or "test"
        elif isinstance(node, _COUNTS):
            yield child, weaker or "count"
        elif isinstance(node, _SUMS):
            yield child, weaker or "sum"
        elif name in _CONDITIONS.get(type(node), ()):
            yield child, weaker or "test"
        else:
            yield child, how


# Which argument of an expression only decides which value is taken, or in which order.
_CONDITIONS: Mapping[type[Any], tuple[str, ...]] = {
    exp.Case: ("this",),
    exp.If: ("this",),
    exp.Filter: ("expression",),
    exp.Window: ("partition_by", "order", "spec"),
    exp.Order: ("expressions",),
    exp.ArgMax: ("expression",),
    exp.ArgMin: ("expression",),
}


def _children(node: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for name, value in node.args.items():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr):
                # `case a when b`: sqlglot keeps the pairs as If, whose own condition is found there.
                yield name, child
