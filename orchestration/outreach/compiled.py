"""The dbt models that find the people of each universe, written from `universes.yaml`.

Belongs here: from checked objects to SQL text. Does not belong here: reading the file (``universes``), running SQL.
The models are checked in and compared with the file by a test, like everything that is derived.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from orchestration.outreach.universes import CHANNELS, Condition, Rule, Universe, Universes, load_universes
from orchestration.sqltext import literal

FOLDER = Path("dbt_project/models/intermediate/universes")
MEMBERS = FOLDER / "int_universes__members.sql"
DEFINITIONS = FOLDER / "int_universes__definitions.sql"
NOTICE = "-- Written from universes.yaml by `python -m orchestration.contracts.derive`; do not edit."
CARRIED = ("person_id", "voter_id", "household_id", "state", "county_fips", "split_id")


def universe_models(universes: Universes | None = None) -> dict[Path, str]:
    """Path below the project root and text of every model written from the file."""
    universes = universes or load_universes()
    return {MEMBERS: members_sql(universes), DEFINITIONS: definitions_sql(universes)}


def members_sql(universes: Universes) -> str:
    """One row per universe and person, with the names of the conditions that are met."""
    conditions = list(universes.conditions.values())
    thresholds = sorted({c.threshold for c in conditions if c.threshold})
    tables: dict[tuple[str, str], list[Condition]] = {}
    for condition in conditions:
        tables.setdefault((condition.table, condition.key), []).append(condition)
    ctes = [_thresholds(thresholds)] if thresholds else []
    ctes += [_facts(table, key, found) for (table, key), found in sorted(tables.items())]
    ctes += [_met(tables), _members(universes)]
    columns = ",\n".join(f"    {name}" for name in ("universe_id", *CARRIED, "conditions_met"))
    return f"{NOTICE}\nwith\n\n" + ",\n\n".join(ctes) + f"\n\nselect\n{columns}\nfrom members\n"


def definitions_sql(universes: Universes) -> str:
    """One row per universe: whose it is, what for, and through which channels it may be approached."""
    rows = []
    for place, universe in enumerate(universes.universes, start=1):
        values = [
            (_text(universe.id), "varchar", "universe_id"),
            (_text(universe.name), "varchar", "universe_name"),
            (_text(universe.owner), "varchar", "owner"),
            (_text(universe.purpose), "varchar", "purpose"),
            (_text(universe.yields), "varchar", "yields"),
            (_text("|" + "|".join(universe.contests) + "|"), "varchar", "office_codes"),
            *((str(c in universe.channels).lower(), "boolean", f"allows_{c}") for c in CHANNELS),
            (str(place), "integer", "universe_order"),
        ]
        lines = ",\n".join(f"    cast({value} as {kind}) as {name}" for value, kind, name in values)
        rows.append(f"select\n{lines}\n")
    return f"{NOTICE}\n" + "union all\n".join(rows)


def _thresholds(names: list[str]) -> str:
    lines = ",\n".join(f"        max(case when name = {_text(n)} then value end) as {n}" for n in names)
    return f"thresholds as (\n    select\n{lines}\n    from {{{{ source('config', 'thresholds') }}}}\n)"


def _facts(table: str, key: str, conditions: list[Condition]) -> str:
    """What one published table says of a person: a yes or no for each condition on it."""
    single = conditions[0].single
    lines = [f"        facts.{key} as fact_key"]
    for condition in conditions:
        test = _test(condition)
        if single:
            lines.append(f"        coalesce({test}, false) as {condition.name}")
        else:
            lines.append(f"        max(case when {test} then 1 else 0 end) = 1 as {condition.name}")
    body = f"    select\n{','.join(chr(10) + line for line in lines)[1:]}\n    from {{{{ ref('{table}') }}}} as facts\n"
    if any(c.threshold for c in conditions):
        body += "    cross join thresholds\n"
    if any(c.operator in ("within days", "not within days") for c in conditions):
        body += "    cross join {{ source('config', 'campaign') }} as campaign\n"
    if not single:
        body += f"    where facts.{key} is not null\n    group by facts.{key}\n"
    return f"{_alias(table, key)} as (\n{body})"


def _met(tables: dict[tuple[str, str], list[Condition]]) -> str:
    lines = [f"        people.{name}" for name in CARRIED]
    joins = []
    for (table, key), conditions in sorted(tables.items()):
        alias = _alias(table, key)
        lines += [f"        coalesce({alias}.{c.name}, false) as {c.name}" for c in conditions]
        joins.append(f"    left join {alias} on people.{key} = {alias}.fact_key\n")
    return (
        "met as (\n    select\n" + ",\n".join(lines) + "\n"
        "    from {{ ref('int_universes__people') }} as people\n" + "".join(joins) + ")"
    )


def _members(universes: Universes) -> str:
    parts = []
    for universe in universes.universes:
        carried = "".join(f"        {name},\n" for name in CARRIED)
        parts.append(
            f"    select\n        cast({_text(universe.id)} as varchar) as universe_id,\n{carried}"
            f"{_why(universes, universe)}"
            f"    from met\n    where\n{_where(universe.rule)}"
        )
    return "members as (\n" + "    union all\n".join(parts) + ")"


def _why(universes: Universes, universe: Universe) -> str:
    """The meanings of the conditions met; those that every member meets need no case."""
    sure = set(_certain(universe.rule))
    pieces = []
    for name in universe.rule.names():
        said = _text(universes.conditions[name].means) + " || '; '"
        pieces.append(said if name in sure else f"case when {name} then {said} else '' end")
    joined = "\n                || ".join(pieces)
    return (
        "        cast(\n            rtrim(\n                "
        f"{joined},\n                '; '\n            ) as varchar\n        ) as conditions_met\n"
    )


def _certain(rule: Rule) -> tuple[str, ...]:
    """The conditions that everybody whom the rule finds must meet."""
    if rule.kind == "condition":
        return (rule.name,)
    if rule.kind == "all" or (rule.kind == "any" and len(rule.parts) == 1):
        return tuple(name for part in rule.parts for name in _certain(part))
    return ()


def _where(rule: Rule) -> str:
    if rule.kind == "all":
        return "        " + "\n        and ".join(_said(part) for part in rule.parts) + "\n"
    return f"        {_said(rule)}\n"


def _said(rule: Rule) -> str:
    if rule.kind == "condition":
        return rule.name
    if rule.kind == "not":
        return f"not ({_said(rule.parts[0])})"
    word = " and " if rule.kind == "all" else " or "
    return "(" + word.join(_said(part) for part in rule.parts) + ")"


def _test(condition: Condition) -> str:
    column, operator = f"facts.{condition.column}", condition.operator
    if operator == "is known":
        return f"{column} is not null"
    if operator == "is unknown":
        return f"{column} is null"
    if condition.threshold is not None:
        return f"{column} {operator} thresholds.{condition.threshold}"
    if operator in ("within days", "not within days"):
        test = f"{{{{ days_between('{column}', 'campaign.data_as_of') }}}} <= {condition.value}"
        return test if operator == "within days" else f"not ({test})"
    if operator in ("in", "not in"):
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        return f"{column} {operator} ({', '.join(_literal(v) for v in values)})"
    if condition.logical_type == "boolean":
        wanted = bool(condition.value) is (operator == "=")
        return column if wanted else f"not {column}"
    return f"{column} {operator} {_literal(condition.value)}"


def _alias(table: str, key: str) -> str:
    return f"{table}_of_{'person' if key == 'person_id' else 'voter'}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return _text(str(value))


def _text(value: str) -> str:
    # Two kinds of braces would be read by dbt's templates; a universe's words need neither.
    return literal(" ".join(value.split()).replace("{", "(").replace("}", ")"))
