"""From every published column back to the delivered ones: which values, and which rows, made it.

Two questions are kept apart. *Columns*: whose values can stand in this column, or decide what stands there. *Rows*:
which relations decide what rows the table has; one that is only joined or filtered on counts, although no column
of it is taken. Belongs here: the graph over a whole project and the paths through it. Does not belong here: reading
one query (`columns`), what is allowed (`judge`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestration.compliance.project import Made, Relation
from orchestration.compliance.query import ROWS, VALUE, Query, Ref, UnreadableQuery

if TYPE_CHECKING:
    from orchestration.compliance.columns import Catalog

Path_ = tuple[str, ...]
# What a table written by the refresh must not leave without a PII family: nobody delivered it, so no contract says.
PERSONAL_COLUMNS = frozenset({
    "person_id", "voter_id", "candidate_voter_id", "record_id", "first_name", "last_name", "email", "phone", "contact",
    "address", "birth_date",
})  # fmt: skip


@dataclass(frozen=True)
class Descent:
    """One delivered column (or the rows of a relation, column `ROWS`) that a published column comes from.

    ``plain``: its values can come through as they are, by no declassifying operation on the way.
    ``path``: from the origin to the published column, as 'relation.column'.
    """

    relation: str
    column: str
    plain: bool
    path: Path_


@dataclass(frozen=True)
class Lineage:
    """The graph of a project. ``unreadable``: label of a relation -> why it could not be followed."""

    relations: Mapping[str, Relation]
    queries: Mapping[str, Query]
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def find(self, label: str) -> Relation:
        """The relation people call ``label``; KeyError when there is none."""
        for relation in self.relations.values():
            if relation.label == label:
                return relation
        raise KeyError(f"the project holds no relation {label!r}")

    def rows(self, name: str) -> dict[str, Path_]:
        """Every relation that decides the rows of 'schema.table' -> the shortest path from it, as labels."""
        found: dict[str, Path_] = {name: (self.relations[name].label,)}
        queue = deque([name])
        while queue:
            here = queue.popleft()
            for parent in sorted(self._reads(here)):
                if parent not in found:
                    found[parent] = (self.relations[parent].label, *found[here])
                    queue.append(parent)
        del found[name]
        return found

    def columns(self, name: str, column: str) -> list[Descent]:
        """What a column of 'schema.table' descends from, each origin once, plainly where it can."""
        start = (name, column, True)
        paths: dict[tuple[str, str, bool], Path_] = {start: (self._said((name, column)),)}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            relation, of, plain = here
            for ref, how in sorted(self._refs(relation, of).items()):
                step = (*ref, plain and how == VALUE)
                if step not in paths:
                    paths[step] = (self._said(ref), *paths[here])
                    queue.append(step)
        found = []
        for (relation, of, plain), path in paths.items():
            if self.relations[relation].made in (Made.DELIVERED, Made.WRITTEN) and (relation, of) != (name, column):
                if not plain and (relation, of, True) in paths:
                    continue
                found.append(Descent(relation, of, plain, path))
        return found

    def _said(self, ref: Ref) -> str:
        relation, column = ref
        return self.relations[relation].label + ("" if column == ROWS else f".{column}")

    def _reads(self, name: str) -> frozenset[str]:
        query = self.queries.get(name)
        relation = self.relations[name]
        # What dbt waits for counts too: a macro may read a relation that the text no longer shows.
        return (query.reads if query else frozenset()) | relation.parents | self._made_from(relation)

    def _refs(self, name: str, column: str) -> Mapping[Ref, str]:
        query = self.queries.get(name)
        if query is not None and column != ROWS:
            return query.columns.get(column, {})
        return {(parent, ROWS): "test" for parent in self._reads(name)}

    def _made_from(self, relation: Relation) -> frozenset[str]:
        labels = set(relation.made_from or ())
        return frozenset(r.name for r in self.relations.values() if r.label in labels) if labels else frozenset()


def lineage_of(relations: Sequence[Relation]) -> Lineage:
    """Follow every model of a project; what cannot be followed stands in ``unreadable``, never aside."""
    from orchestration.compliance.columns import Catalog

    known = {relation.name: relation for relation in relations}
    catalog = Catalog({relation.name: relation.types for relation in relations if relation.types})
    labels = {relation.label for relation in relations}
    queries: dict[str, Query] = {}
    unreadable: dict[str, str] = {}
    for relation in relations:
        if not relation.types:
            unreadable[relation.label] = "it declares no columns, so that nothing can be followed through it"
        elif relation.made is Made.MODEL:
            try:
                queries[relation.name] = _query(relation, catalog)
            except UnreadableQuery as error:
                unreadable[relation.label] = str(error)
        elif relation.made is Made.WRITTEN and (why := _undeclared(relation, labels)):
            unreadable[relation.label] = why
    return Lineage(known, queries, unreadable)


def _query(relation: Relation, catalog: Catalog) -> Query:
    from orchestration.compliance.columns import read_query

    if relation.sql is None:
        raise UnreadableQuery("it was not compiled; run dbt on the whole project")
    query = read_query(relation.sql, catalog)
    declared, found = set(relation.types), set(query.columns)
    if declared != found:
        differ = ", ".join(sorted(declared ^ found))
        raise UnreadableQuery(f"its columns are not those it declares: {differ}")
    return query


def _undeclared(relation: Relation, labels: Iterable[str]) -> str:
    if relation.made_from is None:
        return "it is written by the refresh and does not say what it is made from; add meta made_from to its source"
    if silent := sorted(PERSONAL_COLUMNS & set(relation.types) - set(relation.pii)):
        return f"its columns {', '.join(silent)} do not say whose they are; add meta pii to them"
    if unknown := sorted(set(relation.made_from) - set(labels)):
        return f"it says it is made from {', '.join(unknown)}, which the project does not hold"
    return ""
