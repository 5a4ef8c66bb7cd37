"""What a table of election results sums to, and the sums that it must hold within itself.

Belongs here: how each result table says state, office, party and votes. Does not belong here: what the
sums should be (``control_totals``), the spelling of offices and parties (the dbt seeds
``office_aliases`` and ``party_aliases``, which the staging models read too).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.gates.checks import CheckResult, Severity, Status
from orchestration.sqltext import literal

if TYPE_CHECKING:
    import duckdb

_SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
_OFFICES = "'us_president', 'us_senate', 'governor'"


@dataclass(frozen=True)
class Observed:
    """What a delivery sums to."""

    state: str
    election_date: date
    office_code: str
    party_code: str
    votes: int


@dataclass(frozen=True)
class View:
    """How one result table says state, office, party and votes, as SQL over its text columns.

    ``day`` None means the delivery's day. ``source`` brings the relation into a long form first.
    """

    state: str
    office: str
    party: str
    votes: str
    where: str = "true"
    day: str | None = None
    source: str = "{relation}"


# The first Tuesday after the first Monday of November.
_GENERAL_OF_YEAR = ("make_date({y}, 11, 2) + cast((9 - isodow(make_date({y}, 11, 2))) % 7 as integer)").format(
    y="cast(year as integer)"
)
_PARTY_IN_BRACKETS = r"regexp_extract(candidate, '\(([^()]*)\)\*?\s*$', 1)"

VIEWS: Mapping[str, View] = {
    "nc_results": View("'NC'", "contest_name", "choice_party", "total_votes"),
    "nc_results_before_2014": View("'NC'", "contest", "party", "total_votes"),
    "oh_results": View("'OH'", "contest", _PARTY_IN_BRACKETS, "votes"),
    "va_results": View("'VA'", "contest", "party", "votes", "stage ilike 'general'"),
    "medsl_precinct": View(
        "state_po", "office", "party_detailed", "votes", "stage ilike 'gen%' and special not ilike 'true'"
    ),
    "medsl_totals": View("state_po", "office", "party_detailed", "votes", "stage ilike 'gen%' and level = 'state'"),
    "openelections_precinct": View("upper(state)", "office", "party", "votes"),
    "openelections_county": View("upper(state)", "office", "party", "votes"),
    "openelections_county_raw": View("upper(state)", "office", "party", "votes"),
    "county_president": View(
        "state",
        "'PRESIDENT'",
        "party",
        "votes",
        day=_GENERAL_OF_YEAR,
        source="(unpivot (select year, state, votes_dem as D, votes_rep as R from {relation})"
        " on D, R into name party value votes)",
    ),
}


def office_key(expression: str) -> str:
    """SQL for an office text as ``office_aliases`` spells it: capitals, single blanks, no district."""
    plain = f"upper(replace({expression}, '_', ' '))"
    office = rf"regexp_replace({plain}, '[-, ]*\bDISTRICT\b.*$', '')"
    return rf"trim(regexp_replace({office}, '\s+', ' ', 'g'))"


def observed_totals(con: duckdb.DuckDBPyConnection, table: str, relation: str, election_date: date) -> list[Observed]:
    """Sum one result table by state, office and party.

    ``relation``: what to select from (a view, or ``read_parquet(...)``), with the columns of the
    contract as text. Offices and parties outside the alias seeds are left out.
    """
    view = VIEWS[table]
    day = view.day or f"date '{election_date.isoformat()}'"
    statement = f"""
        select {view.state}, {day}, o.office_code, p.party_code, sum(cast({view.votes} as bigint))
        from {view.source.format(relation=relation)}
        join {_seed("office_aliases")} as o on o.office_text = {office_key(view.office)}
        join {_seed("party_aliases")} as p on p.party_text = upper(trim({view.party}))
        where ({view.where}) and o.office_code in ({_OFFICES})
        group by all order by all"""
    rows = con.execute(statement).fetchall()
    return [Observed(str(r[0]), r[1], str(r[2]), str(r[3]), int(r[4] or 0)) for r in rows]


def _seed(name: str) -> str:
    path = literal(_SEEDS / f"{name}.csv")
    return f"""read_csv({path}, header = true, all_varchar = true, quote = '"', delim = ',')"""


@dataclass(frozen=True)
class _SumRule:
    """Units of a table that must agree within themselves; ``tolerated`` of them are known not to."""

    name: str
    sql: str
    units: str
    reason: str
    tolerated: int = 0


_SUM_RULES: Mapping[str, Sequence[_SumRule]] = {
    "va_results": (
        _SumRule(
            "candidates_sum_to_total_cast",
            """select sum(case when candidate <> 'Total Votes Cast' then cast(votes as bigint) end)
                 is distinct from max(case when candidate = 'Total Votes Cast' then cast(votes as bigint) end) as bad
               from {relation} group by contest, county_city, ward, precinct
               having bool_or(candidate = 'Total Votes Cast')""",
            "precincts",
            "candidates and All Others make up Total Votes Cast; two Fairfax provisional precincts of 2021 do not",
            tolerated=2,
        ),
    ),
    "medsl_precinct": (
        _SumRule(
            "total_mode_stands_alone",
            """select bool_or(upper(mode) = 'TOTAL') and bool_or(upper(mode) <> 'TOTAL') as bad from {relation}
               where mode is not null
               group by state_po, county_fips, precinct, office, district, candidate, party_detailed, special""",
            "candidate rows",
            "a TOTAL beside its parts would count every vote twice; no file from 2016 to 2024 has such a pair",
        ),
    ),
}


def internal_sum_checks(con: duckdb.DuckDBPyConnection, table: str, relation: str) -> list[CheckResult]:
    """Sums that a result table must hold within itself, beyond what one row can show."""
    results = []
    for rule in _SUM_RULES.get(table, ()):
        statement = f"select count(*), count(*) filter (where bad) from ({rule.sql.format(relation=relation)})"
        row = con.execute(statement).fetchone()
        evaluated, bad = (int(row[0]), int(row[1])) if row else (0, 0)
        status = Status.PASS if bad == 0 else Status.WARN if bad <= rule.tolerated else Status.FAIL
        severity = Severity.WARN if status is Status.WARN else Severity.ERROR
        results.append(
            CheckResult(
                check_id=f"{table}.{rule.name}",
                table=f"accepted.{table}",
                status=status,
                severity=severity,
                evaluated=evaluated,
                unexpected=bad,
                observed=f"{bad:,} of {evaluated:,} {rule.units}",
                expected=f"at most {rule.tolerated}",
                message=rule.reason,
            )
        )
    return results
