"""A scan of the general file for what identifies a person, whatever column it stands in.

Belongs here: the checks of that scan: patterns (e-mail addresses, telephone and social security numbers, street
addresses, dates of birth, ZIP+4), dates that can only be births, and the very values of the people on file. Does not
belong here: which columns may be published, which the contracts decide; this is the second line, for what stands in a
column it should not stand in. The Parquet mirror is proven equal to the general file when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from orchestration.contracts.model import Contract, PiiFamily
from orchestration.gates.checks import PRIVACY_PREFIX, Check
from orchestration.sqltext import ident, literal

_STREET_TYPES = (
    "st|street|ave|avenue|rd|road|dr|drive|ln|lane|ct|court|blvd|boulevard|cir|circle|pl|place|ter|terrace|pkwy|"
    "parkway|hwy|highway|trl|trail|loop|way"
)
_MONTH, _DAY = "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
PATTERNS = {
    "e-mail address": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "social security number": r"(^|[^0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}($|[^0-9-])",
    "telephone number": r"(^|[^0-9])(\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}($|[^0-9])",
}
DATE_OF_BIRTH = "date of birth"
# Not for columns that name places: precincts are called '37119-0012' and '12 Oak Grove Rd Fire Station'.
PLACELESS = {
    "street address": (
        f"(?i)(^|[^A-Za-z0-9-])[0-9]{{1,6}}[A-Za-z]? +([A-Za-z0-9'.]+ +){{1,4}}({_STREET_TYPES})([^A-Za-z0-9]|$)"
    ),
    "ZIP+4": r"(^|[^0-9A-Za-z-])[0-9]{5}-[0-9]{4}($|[^0-9A-Za-z-])",
}
# Text of the tables that say what a release is: a note there may quote what somebody wrote.
RELEASE_TEXT = (
    ("release", "notes"), ("release", "model_versions"), ("release_source", "source"),
    ("release_source", "delivery_id"), ("release_source", "note"),
)  # fmt: skip
# Of it what holds the days of deliveries: results are delivered under the day of their election.
RELEASE_DATED = (("release_source", "delivery_id"),)
AS_OF = "data_as_of"
VOTING_AGE = 18  # years: whoever turns eighteen after the election is no voter of it
YOUNGEST = 16  # years: what lies further back than this may be the birth of somebody on a voter file
# A column is taken to hold names of voters when this many of its values are, and half of them: places, campaigns and
# wordings are called after people too, one at a time.
LEAST_NAMES = 5

Columns = Iterable[tuple[str, str]]


def birth_pattern(election_year: int) -> str:
    """A day on which somebody was born who may vote in that year's election, as a regular expression."""
    recent = "|".join(str(year) for year in range(2000, election_year - VOTING_AGE + 1))
    year = f"(19[0-9]{{2}}{recent and '|' + recent})"
    return f"(^|[^0-9])({year}[-/]{_MONTH}[-/]{_DAY}|{_MONTH}[-/]{_DAY}[-/]{year})($|[^0-9])"


def identifier_scan(columns: Columns, election_year: int, places: Columns = (), dated: Columns = ()) -> list[Check]:
    """One check per text column of the general file, given as (table, column); none of them may be waived.

    election_year: of the coming election. places: those of the columns that name places, where what looks like an
    address may be a precinct. dated: those of public record, where a day may lie as far back as a birth (the delivery
    of an old election's results).
    """
    named, public = set(places), set(dated)
    born = {DATE_OF_BIRTH: birth_pattern(election_year)}
    return [
        _check(
            table, column,
            PATTERNS | ({} if (table, column) in public else born) | ({} if (table, column) in named else PLACELESS),
        )
        for table, column in columns
    ]  # fmt: skip


def birth_scan(columns: Columns) -> list[Check]:
    """One check per date column that holds nothing public: no day in it may be the birth of a voter."""
    return [
        Check(
            check_id=f"{PRIVACY_PREFIX}{table.lower()}.{column.lower()}",
            table=f"main.{table}",
            kind="expression",
            params={
                "sql": f"coalesce(cast({ident(column)} as date) >= {AS_OF} - interval {YOUNGEST} year, true)",
                "allow_empty": True,
            },
            reason=f"{column} may hold no date of birth; days of public record need `public: true` in the contract",
            owner="privacy",
            waivable=False,
        )
        for table, column in columns
    ]


def own_values_scan(columns: Columns, unnamed: Columns) -> list[Check]:
    """Two checks over all text columns: no value is a contact, and no column a list of names, of the people on file.

    columns: every text column. unnamed: those that name neither places nor what is of public record; only they are
    held against names. The restricted file must be attached as `people`.
    """
    return [
        _own("values_of_people", _OWN_VALUES.format(values=_values(columns)), "no contact of anybody on file"),
        _own(
            "names_of_people",
            _OWN_NAMES.format(values=_values(unnamed), least=LEAST_NAMES),
            "no column that lists the names of people on file",
        ),
    ]


# The few distinct values of the general file are what is looked for; the many of the people stream past them.
_OWN_VALUES = """
with published as ({values})
select 1 from (
    select upper(trim(contact)) as told from people.main.contact_points where length(contact) > 6
    union all select upper(trim(residence_address)) from people.main.voters_people where length(residence_address) > 6
    union all select upper(trim(mailing_address)) from people.main.voters_people where length(mailing_address) > 6
    union all select upper(trim(phone)) from people.main.voters_people where length(phone) > 6
    union all select upper(trim(email)) from people.main.voters_people where length(email) > 6
) as own semi join published on own.told = published.said"""
_OWN_NAMES = """
with published as ({values}),
wanted as (select distinct said from published where said like '% %'),
own as (
    select distinct told from (
        select upper(first_name || ' ' || last_name) as told from people.main.voters_people
        union all select upper(last_name || ', ' || first_name) from people.main.voters_people
        union all select upper(first_name || ' ' || middle_name || ' ' || last_name) from people.main.voters_people
    ) as names semi join wanted on names.told = wanted.said
)
select place from published left join own on published.said = own.told
group by place having count(own.told) >= {least} and 2 * count(own.told) >= count(*)"""


def _values(columns: Columns) -> str:
    parts = [
        f"select distinct {literal(f'{table}.{column}')} as place, upper(trim({ident(column)})) as said "
        f"from main.{ident(table)} where {ident(column)} is not null"
        for table, column in columns
    ]
    return " union all ".join(parts) or "select '' as place, '' as said where false"


def _own(name: str, sql: str, reason: str) -> Check:
    return Check(
        check_id=f"{PRIVACY_PREFIX}{name}",
        table="main.release",
        kind="sql_zero",
        params={"sql": " ".join(sql.split()), "allow_empty": True},
        reason=f"the general file holds {reason}",
        owner="privacy",
        waivable=False,
    )


def _check(table: str, column: str, patterns: Mapping[str, str]) -> Check:
    found = _found(column, tuple(patterns.values()))
    return Check(
        check_id=f"{PRIVACY_PREFIX}{table.lower()}.{column.lower()}",
        table=f"main.{table}",
        kind="expression",
        # An empty table or a null column holds no identifier.
        params={"sql": f"not coalesce({found}, false)", "allow_empty": True},
        reason=f"{column} may hold no {', '.join(patterns)}",
        owner="privacy",
        waivable=False,
    )


def _found(column: str, patterns: Sequence[str]) -> str:
    return " or ".join(f"regexp_matches({ident(column)}, {literal(pattern)})" for pattern in patterns)


def privacy_checks(contracts: Iterable[Contract], election_year: int) -> list[Check]:
    """Every check of the scan, from the contracts of the published tables; the release's own tables are scanned too.

    election_year: of the coming election; it says who is old enough to be on file.
    """
    columns = [
        (table.name, column)
        for contract in contracts
        if contract.audience == "general"
        for table in contract.tables
        for column in table.columns
    ]
    text = [(t, c.name) for t, c in columns if c.logical_type == "string"]
    places = [(t, c.name) for t, c in columns if c.pii is PiiFamily.GEOGRAPHY]
    public = [(t, c.name) for t, c in columns if c.public]
    # The day of the data is what the others are held against: of itself it would always be late enough.
    dated = [(t, c) for t, c in columns if c.logical_type in ("date", "timestamp") and c.name != AS_OF]
    dates = [(t, c.name) for t, c in dated if not c.public]
    told = [*text, *RELEASE_TEXT]
    aside = {*places, *public}
    return [
        *identifier_scan(told, election_year, places, [*public, *RELEASE_DATED]),
        *birth_scan(dates),
        *own_values_scan(told, [column for column in text if column not in aside]),
    ]
