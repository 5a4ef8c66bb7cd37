"""How much each outcome of a comparison says: estimated from the files, rounded, and kept until the files change.

u (how often two different people show a level) is counted among the voters themselves, exactly where counting is
possible; m (how often a true pair shows it) is estimated by Splink's expectation maximisation, leaning on the priors.
Belongs here: that arithmetic, and how often a name occurs. Does not belong here: which comparisons there are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .comparisons import COMPARISONS, LEAST_FREQUENCY, splink_settings
from .pairs import new_linker, register_frequencies

if TYPE_CHECKING:
    import duckdb

# A prior of m weighs as much as so many pairs seen; below LEAST_PAIRS an estimate is not tried.
PRIOR_PAIRS, LEAST_PAIRS = 200, 400
# Records that m is estimated on, chosen by the hash of their ids.
SAMPLE = 20_000
# Names that are compared with each other to learn how often different ones are alike.
FREQUENT = 800
# On what pairs meet, what is learnt from them, and what cannot be compared because they met on it.
SESSIONS = {
    "address": ("house_number || street || zip5", ("first", "middle", "suffix", "phone", "email"), ("place",)),
    "contact": ("coalesce(phone, email)", ("last", "place"), ("phone", "email")),
}


def count_names(con: duckdb.DuckDBPyConnection) -> None:
    """Write `name_frequencies` (kind, name, frequency) of first and last names among `voters`, six digits."""
    parts = [
        f"""select '{column}' as kind, {column} as name, round(count(*) / sum(count(*)) over (), 6) as frequency
        from voters where {column} is not null group by {column}"""
        for column in ("first_name", "last_name")
    ]
    con.execute(
        f"create or replace table name_frequencies as select * from ({' union all '.join(parts)})"
        f" where frequency > {LEAST_FREQUENCY}"
    )


def chances(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, float]]:
    """U by comparison and level, from `voters`, `records` and `name_frequencies`."""
    people = int(_one(con, "select count(*) from voters"))
    first = _alike(con, "first")
    last = _alike(con, "last")
    first["middle"] = 2 * _one(
        con,
        """with m as (select middle_name as name, count(*) / sum(count(*)) over () as share from voters
        where middle_name is not null group by all)
        select coalesce(sum(m.share * f.frequency), 0) from m inner join name_frequencies as f
        on f.kind = 'first_name' and f.name = m.name where length(m.name) > 1""",
    )
    # Everybody lives with somebody on average, also where a small file does not show it.
    address = max(_same(con, people, "house_number", "street", "zip5"), 1 / max(people, 1))
    house = _same(con, people, "house_number", "zip5")
    zips, near, state = (_same(con, people, value) for value in ("zip5", "left(zip5, 3)", "state"))
    middle, initial = (
        _same(con, None, "middle_name", only="length(middle_name) > 1"),
        _same(con, None, "left(middle_name, 1)"),
    )
    found = {
        "first": first,
        "last": {"exact_at_home": _last_at_home(con), "similar_at_home": 0.004} | last,
        "place": {"address": address, "house": max(house - address, 0.1 / max(people, 1)), "zip": zips - house,
                  "near": near - zips, "state": state - near},
        "middle": {"exact": middle, "initial": initial - middle},
        "suffix": {"exact": max(_same(con, None, "name_suffix"), 0.2)},
        "phone": {"exact": _same(con, None, "phone")},
        "email": {"exact": _same(con, None, "email")},
    }  # fmt: skip
    least = 0.5 / max(people, 1) ** 2
    result: dict[str, dict[str, float]] = {}
    for item in COMPARISONS:
        levels = {level.name: max(found[item.name].get(level.name, 0.0), least) for level in item.levels[:-1]}
        joint = sum(u for name, u in levels.items() if not name.endswith("_at_home"))
        levels[item.levels[-1].name] = max(1 - joint, 0.01)
        result[item.name] = {name: _rounded(min(u, 0.999)) for name, u in levels.items()}
    return result


def estimate(con: duckdb.DuckDBPyConnection, u: dict[str, dict[str, float]]) -> tuple[dict[str, Any], dict[str, int]]:
    """M with u, by comparison and level, and how many pairs each estimate rests on.

    Reads `left_rows`, `right_rows` and `name_frequencies`. Where pairs are few, the priors stand.
    """
    m = {item.name: {level.name: level.m for level in item.levels} for item in COMPARISONS}
    seen: dict[str, int] = {}
    for session, (key, learnt, without) in SESSIONS.items():
        weights = {name: {level: (m[name][level], u[name][level]) for level in m[name]} for name in m}
        trained, matches = _session(con, key, weights, without)
        seen[session] = matches
        for name in learnt if trained else ():
            for level, value in trained[name].items():
                lean = (PRIOR_PAIRS * m[name][level] + matches * value) / (PRIOR_PAIRS + matches)
                m[name][level] = _rounded(min(max(lean, 0.0005), 0.9995))
    return {name: {level: (m[name][level], u[name][level]) for level in m[name]} for name in m}, seen


def _session(
    con: duckdb.DuckDBPyConnection, key: str, weights: Any, without: tuple[str, ...]
) -> tuple[dict[str, dict[str, float]], int]:
    """M by comparison and level over the pairs with one `key`, and the number of matches among them."""
    con.execute(
        f"""create or replace table left_sample as
        select *, {key} as meeting from left_rows order by md5(row_id), row_id limit {SAMPLE}"""
    )
    con.execute(f"create or replace table right_sample as select *, {key} as meeting from right_rows")
    pairs = int(_one(con, "select count(*) from left_sample inner join right_sample using (meeting)"))
    if pairs < LEAST_PAIRS:
        return {}, 0
    settings = splink_settings(weights, 0.5, without)
    # The column met on is no column compared, so that Splink holds nothing fixed because of it.
    settings |= {"blocking_rules_to_generate_predictions": [], "additional_columns_to_retain": ["meeting"]}
    from splink import block_on

    linker = new_linker(con, settings, "left_sample", "right_sample")
    register_frequencies(con, linker)
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("meeting"), fix_u_probabilities=True
    )
    share = float(session.core_model_settings.probability_two_random_records_match)
    trained = {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level["m_probability"]
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level") and isinstance(level.get("m_probability"), float)
        }
        for comparison in linker.misc.save_model_to_json()["comparisons"]
    }
    linker.table_management.delete_tables_created_by_splink_from_db()
    return trained, int(round(share * pairs, -2))


def _alike(con: duckdb.DuckDBPyConnection, kind: str) -> dict[str, float]:
    """How often two different people's first or last names are the same or alike, over the frequent names."""
    comparison = next(item for item in COMPARISONS if item.name == kind)
    levels = [level for level in comparison.levels[:-1] if "home" not in level.name and level.name != "middle"]
    column = f"{kind}_name"
    roots = (
        "first_root, first_other" if kind == "first" else "null::varchar as first_root, null::varchar as first_other"
    )
    cases = " ".join(f"when {level.condition} then '{level.name}'" for level in levels)
    pools = {
        "l": f"select {column}, {roots} from records where {column} is not null",
        "r": f"select {column}, {roots} from voters where {column} is not null",
    }
    counted = ", ".join(
        f"""{side} as (
            select *, n / sum(n) over () as share from (
                select {column}, any_value(first_root) as first_root, any_value(first_other) as first_other,
                    count(*) as n
                from ({pool}) group by {column} order by n desc, {column} limit {FREQUENT}
            )
        )"""
        for side, pool in pools.items()
    )
    named = ", ".join(
        f"{side}.{name} as {name}_{side}" for side in "lr" for name in (column, "first_root", "first_other")
    )
    rows = con.execute(
        f"""with {counted},
        crossed as (select {named}, l.share * r.share as share from l cross join r)
        select case {cases} end as level, sum(share) from crossed group by level having level is not null"""
    ).fetchall()
    found = {str(level): float(share) for level, share in rows}
    exact = f"select coalesce(sum(frequency * frequency), 0) from name_frequencies where kind = '{column}'"
    return found | {"exact": float(_one(con, exact))}


def _same(con: duckdb.DuckDBPyConnection, people: int | None, *columns: str, only: str = "true") -> float:
    """Chance that two different voters agree in the columns; `people`: among all, None: among those who have them."""
    known = " and ".join(f"{column} is not null" for column in columns)
    held = people if people is not None else int(_one(con, f"select count(*) from voters where {known}"))
    pairs = _one(
        con,
        f"""select coalesce(sum(n * (n - 1)), 0) from (
        select count(*)::hugeint as n from voters where {known} and {only} group by {", ".join(columns)})""",
    )
    return float(pairs) / max(held * (held - 1.0), 1.0)


def _last_at_home(con: duckdb.DuckDBPyConnection) -> float:
    """How often two voters at one address share a last name."""
    same, both = con.execute(
        """with homes as (
            select house_number, street, zip5, last_name, count(*)::hugeint as n from voters
            where house_number is not null and street is not null and zip5 is not null group by all
        ),
        sums as (select sum(n * (n - 1)) as same, sum(n) * (sum(n) - 1) as pairs from homes
            group by house_number, street, zip5 having sum(n) <= 20)
        select coalesce(sum(same), 0), coalesce(sum(pairs), 0) from sums"""
    ).fetchall()[0]
    # A handful of homes says nothing; four in five is what larger files show.
    return (float(same) + 80) / (float(both) + 100)


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    return float(con.execute(sql).fetchall()[0][0])


def _rounded(value: float) -> float:
    """Three significant digits: the last ones differ between runs on several threads."""
    return float(f"{value:.3g}") if math.isfinite(value) else 0.0
