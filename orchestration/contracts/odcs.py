"""Map the Open Data Contract Standard's fields onto our typed objects.

Belongs here: the one place that knows how the YAML is spelled; every key is checked, because a
misspelt key would otherwise be a rule that silently does not exist.
Does not belong here: reading files (``load``), what a quality rule means (``quality``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from orchestration.contracts.model import (
    GENERAL,
    GENERAL_DATABASE,
    Alias,
    AsOf,
    Column,
    Contract,
    Disclosure,
    Kind,
    OptOut,
    PiiFamily,
    RowRule,
    Table,
)
from orchestration.contracts.odcs_reader import compiled, reader_from, unpivot_from
from orchestration.contracts.quality import quality_rule
from orchestration.contracts.text import ContractError, Node

__all__ = ["ContractError", "contract_from"]

_CHANNELS = ("sms", "email", "phone", "mail", "all")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = (GENERAL_DATABASE, "main", "memory", "system", "temp")  # databases and schemas of DuckDB's own and ours
_CONTRACT_KEYS = (
    "apiVersion", "kind", "id", "name", "version", "status", "domain", "description", "slaProperties",
    "customProperties", "schema", "tags", "authoritativeDefinitions", "dataProduct", "tenant", "support",
    "team", "roles", "servers",
)  # fmt: skip
_CUSTOM = (
    "kind", "audience", "file", "state", "sender", "downloadUrl", "licence", "permittedUse", "onRefusal",
    "expectedParts",
    "asOf", "stateColumn", "controlTotals", "codeLists", "maxQuarantinedShare", "maxFallShare",
    "maxColumnChangeShare",
)  # fmt: skip


def contract_from(raw: object, *, path: str, digest: str = "") -> Contract:
    """The contract held by one parsed YAML document; raises ``ContractError``."""
    node = Node(raw, path)
    node.only(*_CONTRACT_KEYS)
    if str(node.need("kind")) != "DataContract":
        raise node.error(f"kind is {node.need('kind')!r}; expected DataContract")
    if not str(node.need("apiVersion")).startswith("v3.1"):
        raise node.error(f"apiVersion is {node.need('apiVersion')!r}; expected v3.1.0")
    custom = node.custom(*_CUSTOM)
    codes = _code_lists(custom)
    description = node.child("description")
    sla = {str(p.need("property")): p for p in node.children("slaProperties")}
    tables = tuple(_table(t, codes) for t in node.children("schema"))
    if not tables:
        raise node.error("schema holds no table; declare at least one")
    contract = Contract(
        id=_identifier(node, "id"),
        name=str(node.need("name")),
        version=str(node.need("version")),
        domain=str(node.need("domain")),
        purpose=str(description.need("purpose")).strip(),
        tables=tables,
        kind=custom.choice("kind", Kind, Kind.SNAPSHOT),
        state=custom.text("state"),
        sender=custom.text("sender") or "",
        url=custom.text("downloadUrl"),
        licence=custom.text("licence") or "",
        permitted_use=tuple(custom.strings("permittedUse")),
        limitations=str(description.get("limitations") or "").strip(),
        cadence_days=_days(sla, "frequency"),
        fresh_within_days=_days(sla, "freshness"),
        retention_days=_days(sla, "retention"),
        on_refusal=custom.text("onRefusal") or "stop",
        expected_parts=_parts(custom, codes),
        as_of=_as_of(custom),
        state_column=_state_column(custom),
        control_totals=custom.text("controlTotals"),
        code_lists=codes,
        path=path,
        max_quarantined_share=float(custom.get("maxQuarantinedShare", 0.005)),
        max_fall_share=_limit(custom, "maxFallShare"),
        max_column_change_share=_limit(custom, "maxColumnChangeShare"),
        hash=digest,
        audience=custom.text("audience") or "",
        file=_file(custom),
    )
    _cross_check(contract, node)
    return contract


def _table(node: Node, codes: Mapping[str, Mapping[str, str]]) -> Table:
    node.only(
        "name", "description", "dataGranularityDescription", "customProperties", "properties", "quality",
        "physicalType", "physicalName", "logicalType", "tags", "businessName",
    )  # fmt: skip
    name = _identifier(node, "name")
    custom = node.custom("reader", "unpivot", "rowRules", "optOuts", "derived", "mayBeEmpty", "disclosure")
    columns, quality = [], [quality_rule(q, None, codes) for q in node.children("quality")]
    for prop in node.children("properties"):
        column = _column(prop)
        columns.append(column)
        quality += [quality_rule(q, column, codes) for q in prop.children("quality")]
    _no_repeats(node, [c.name for c in columns], "column")
    _no_repeats(node, [q.name for q in quality], "quality rule")
    disclosure = _disclosure(custom.child("disclosure"), columns) if "disclosure" in custom else None
    return Table(
        name=name,
        description=str(node.get("description") or "").strip(),
        grain=str(node.need("dataGranularityDescription")).strip(),
        columns=tuple(columns),
        reader=reader_from(custom.child("reader")) if "reader" in custom else None,
        unpivots=tuple(unpivot_from(u) for u in custom.children("unpivot")),
        row_rules=tuple(_row_rule(r) for r in custom.children("rowRules")),
        opt_outs=tuple(_opt_out(o) for o in custom.children("optOuts")),
        quality=tuple(quality),
        derived=bool(custom.get("derived", False)),
        may_be_empty=bool(custom.get("mayBeEmpty", False)),
        disclosure=disclosure,
    )


def _disclosure(node: Node, columns: Sequence[Column]) -> Disclosure:
    node.only("counts", "by", "areas", "with")
    said = {key: tuple(str(name) for name in node.get(key) or ()) for key in ("counts", "by", "areas", "with")}
    kinds = {column.name: column.logical_type for column in columns}
    if unknown := sorted({name for names in said.values() for name in names} - set(kinds)):
        raise node.error(f"disclosure names {', '.join(unknown)}, which the table does not have")
    if not said["counts"] or any(kinds[name] != "integer" for name in said["counts"]):
        raise node.error("disclosure needs counts: one or more integer columns that count people")
    if not said["by"]:
        raise node.error("disclosure needs by: the columns that say who is counted")
    if len(said["areas"]) not in (0, 2):
        raise node.error("areas of a disclosure are two columns: the type of an area and its id")
    areas = (said["areas"][0], said["areas"][1]) if said["areas"] else None
    return Disclosure(said["counts"], said["by"], areas, said["with"])


def _column(node: Node) -> Column:
    node.only(
        "name", "physicalName", "logicalType", "logicalTypeOptions", "description", "classification", "required",
        "primaryKey", "primaryKeyPosition", "customProperties", "quality", "physicalType", "businessName", "tags",
        "examples",
    )  # fmt: skip
    name = _identifier(node, "name")
    options = node.child("logicalTypeOptions")
    options.only("pattern", "maxLength", "format")
    custom = node.custom("codeList", "aliases", "since", "until", "optional", "strictPattern", "volatile", "public")
    pattern = options.text("pattern")
    if pattern is not None:
        compiled(options, pattern)
    description = str(node.get("description") or "").strip()
    if not description:
        raise node.error("has no description; say what the column means")
    return Column(
        name=name,
        physical_name=str(node.get("physicalName", name)),
        logical_type=str(node.get("logicalType", "string")),
        description=description,
        pii=node.choice("classification", PiiFamily, None),
        required=bool(node.get("required", False)),
        optional=bool(custom.get("optional", False)),
        key=bool(node.get("primaryKey", False)),
        codes=custom.text("codeList"),
        pattern=pattern,
        date_format=options.text("format"),
        max_length=options.get("maxLength"),
        aliases=tuple(Alias(str(a.need("name")), a.day("since"), a.day("until")) for a in custom.children("aliases")),
        since=custom.day("since"),
        until=custom.day("until"),
        strict=bool(custom.get("strictPattern", False)),
        volatile=bool(custom.get("volatile", False)),
        public=bool(custom.get("public", False)),
    )


def _row_rule(node: Node) -> RowRule:
    node.only("name", "sql", "reason")
    return RowRule(_identifier(node, "name"), str(node.need("sql")), str(node.need("reason")))


def _opt_out(node: Node) -> OptOut:
    node.only("channel", "contact", "at", "when", "message", "lookup")
    channel = str(node.need("channel"))
    if channel not in _CHANNELS:
        raise node.error(f"channel is {channel!r}; expected one of {', '.join(_CHANNELS)}")
    lookup = None
    if "lookup" in node:
        there = node.child("lookup")
        there.only("table", "column", "key")
        lookup = (str(there.need("table")), str(there.need("column")), str(there.need("key")))
    return OptOut(
        channel, str(node.need("contact")), str(node.need("at")), node.text("when") or "true", node.text("message"),
        lookup,
    )  # fmt: skip


def _as_of(custom: Node) -> AsOf | None:
    if "asOf" not in custom:
        return None
    node = custom.child("asOf")
    node.only("table", "column", "dateFormat", "maxLagDays")
    return AsOf(
        str(node.need("table")), str(node.need("column")), str(node.need("dateFormat")),
        int(node.need("maxLagDays")),
    )  # fmt: skip


def _state_column(custom: Node) -> tuple[str, str, str] | None:
    if "stateColumn" not in custom:
        return None
    node = custom.child("stateColumn")
    node.only("table", "column", "pattern")
    pattern = str(node.need("pattern"))
    compiled(node, pattern)
    return str(node.need("table")), str(node.need("column")), pattern


def _code_lists(custom: Node) -> dict[str, dict[str, str]]:
    node = custom.child("codeLists")
    lists: dict[str, dict[str, str]] = {}
    for name in node:
        codes = node.get(name)
        if not isinstance(codes, dict) or not all(isinstance(k, str) for k in codes):
            raise node.error(f"code list {name!r} must map codes to meanings, codes quoted as text ('01')")
        lists[name] = {k: str(v) for k, v in codes.items()}
    return lists


def _parts(custom: Node, codes: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """The patterns of the parts that must be present; ``each`` writes one per code of a list.

    ``{code}`` and ``{label}`` in the pattern stand for the code and its meaning, the latter with
    blanks optional, because senders spell county names in file names with and without them.
    """
    parts: list[str] = []
    for item in custom.items("expectedParts"):
        if isinstance(item, str):
            parts.append(item)
            continue
        node = Node(item, f"{custom.where}: expectedParts")
        node.only("each", "pattern")
        codes_of = str(node.need("each"))
        if codes_of not in codes:
            raise node.error(f"code list {codes_of!r} is not declared under codeLists")
        for code, label in codes[codes_of].items():
            spaced = r"\s*".join(re.escape(word) for word in label.split())
            parts.append(str(node.need("pattern")).replace("{code}", re.escape(code)).replace("{label}", spaced))
    for part in parts:
        compiled(custom, part)
    return tuple(parts)


def _file(custom: Node) -> str:
    name = custom.text("file") or ""
    if name and custom.text("audience") == GENERAL:
        raise custom.error(f"file {name!r} is given, but tables for a general audience are all in {GENERAL_DATABASE}")
    if name and (name in _TAKEN or not _NAME.fullmatch(name)):
        raise custom.error(f"file {name!r} is no name for a team's file: lower snake case, none of {', '.join(_TAKEN)}")
    return name


def _limit(custom: Node, key: str) -> float | None:
    value = custom.get(key)
    return None if value is None else float(value)


def _days(sla: Mapping[str, Node], name: str) -> int | None:
    if name not in sla:
        return None
    node = sla[name]
    unit = str(node.get("unit", "d"))
    if unit not in ("d", "days"):
        raise node.error(f"slaProperties.{name} has unit {unit!r}; give it in days (unit: d)")
    return int(node.need("value"))


def _cross_check(contract: Contract, node: Node) -> None:
    """Names that refer to each other must exist, or a rule would quietly guard nothing."""
    names = {t.name for t in contract.tables}
    for table in contract.tables:
        columns = {c.name for c in table.columns}
        for column in table.columns:
            if column.codes is not None and column.codes not in contract.code_lists:
                raise node.error(f"{table.name}.{column.name}: code list {column.codes!r} is not under codeLists")
        for unpivot in table.unpivots:
            if unpivot.table not in names:
                raise node.error(f"{table.name}: unpivot writes table {unpivot.table!r}, which is not in schema")
            missing = [k for k in unpivot.keys if k not in columns]
            if missing:
                raise node.error(f"{table.name}: unpivot keys {missing} are not columns")
    for what, table_name, column_name in _references(contract):
        if table_name not in names:
            raise node.error(f"{what} names table {table_name!r}, which is not in schema")
        if column_name not in {c.name for c in contract.table(table_name).columns}:
            raise node.error(f"{what} names column {column_name!r}, which {table_name} does not have")
    if contract.kind is Kind.VOTERS and not contract.tables[0].key:
        raise node.error(f"kind is voters, so {contract.tables[0].name} needs a primaryKey")


def _references(contract: Contract) -> Iterable[tuple[str, str, str]]:
    if contract.as_of is not None:
        yield "asOf", contract.as_of.table, contract.as_of.column
    for table in contract.tables:
        for rule in table.opt_outs:
            if rule.lookup is not None:
                yield "optOuts", table.name, rule.lookup[1]
                yield "optOuts", rule.lookup[0], rule.lookup[2]
    if contract.state_column is not None:
        yield "stateColumn", contract.state_column[0], contract.state_column[1]


def _identifier(node: Node, key: str) -> str:
    name = str(node.need(key))
    if not _NAME.fullmatch(name):
        raise node.error(f"{key} {name!r} must be lower snake case")
    return name


def _no_repeats(node: Node, names: list[str], what: str) -> None:
    repeated = sorted({n for n in names if names.count(n) > 1})
    if repeated:
        raise node.error(f"{what} declared twice: {', '.join(repeated)}")
