"""Typed contract objects: one ``Contract`` per delivered file kind or published table.

Belongs here: the shape of a contract and questions answered from it alone.
Does not belong here: parsing YAML (``load``), deriving checks or docs from it (``checks``,
``dictionary``), touching a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class PiiFamily(StrEnum):
    """The family of personal data a column belongs to (design: PII families)."""

    IDENTITY = "identity"
    CONTACT = "contact"
    BIRTH = "birth"
    DEMOGRAPHIC = "demographic"
    POLITICAL = "political"
    FINANCIAL = "financial"
    GEOGRAPHY = "geography"
    NONE = "none"


GENERAL = "general"  # the audience of tables that everybody may read
GENERAL_DATABASE = "warehouse"
PEOPLE_DATABASE = "people"


class Kind(StrEnum):
    """How successive deliveries of a source relate to each other.

    ``VOTERS``: whole snapshots, compared voter by voter, history kept.
    ``SNAPSHOT``: whole snapshots, the newest accepted one is in use.
    ``ACCUMULATE``: one delivery per date (an election); the newest accepted one per date is in use.
    """

    VOTERS = "voters"
    SNAPSHOT = "snapshot"
    ACCUMULATE = "accumulate"


@dataclass(frozen=True)
class Alias:
    """Another header text a column has been delivered under, with the days it was valid."""

    physical_name: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Column:
    """One column of a delivered or published table.

    ``name`` is ours (lower snake case), ``physical_name`` the sender's header text today.
    ``required``: a row without a value is quarantined. ``optional``: the column may be absent
    from a file altogether (older vintages, or formats whose headers vary) and is then null.
    ``codes`` names a code list of the contract; ``pattern`` is a full-match regular expression
    that a non-null value must satisfy; where ``strict``, a row that does not is quarantined.
    ``volatile``: the value says something about the delivery, not about the person (an invoice
    number, an age at year end), so a change of it alone opens no new version of a voter.
    ``public``: the values are of public record and no person's on file (an election day, a candidate, a committee), so
    that the scan of the general file takes no date in it for a birth and no name for a voter's.
    """

    name: str
    physical_name: str
    logical_type: str = "string"
    description: str = ""
    pii: PiiFamily = PiiFamily.NONE
    required: bool = False
    optional: bool = False
    key: bool = False
    codes: str | None = None
    pattern: str | None = None
    date_format: str | None = None
    max_length: int | None = None
    aliases: tuple[Alias, ...] = ()
    since: date | None = None
    until: date | None = None
    strict: bool = False
    volatile: bool = False
    public: bool = False

    def present_on(self, day: date) -> bool:
        """Whether the sender's layout holds this column on ``day``."""
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Unpivot:
    """Turn repeated columns of a wide file into rows of a second accepted table.

    ``table``: the accepted table to write. ``keys``: columns carried along. ``pattern``: regular
    expression over physical column names; its named groups become columns of the new table.
    ``values``: value column name(s) of the new table; with more than one, the group ``value``
    of the pattern says which one a column feeds. Blank values produce no row.
    """

    table: str
    keys: tuple[str, ...]
    pattern: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A spreadsheet saved as text: titles above the header, parties under it, totals below.

    ``group_row``: index of the title row that holds contest names spread over columns.
    ``header_row``: index of the header row. ``subheader``: name given to a second header line
    (party under each candidate), or None. ``skip_first_column``: regular expression; a data row
    whose first cell matches is a total or percentage line and is accounted as such.
    ``fixed``: how many leading columns are ordinary; the rest are one candidate each.
    ``pad_short_rows``: rows with fewer cells than the header are padded (declared, counted).
    ``thousands``: strip thousands commas from the value columns.
    """

    header_row: int = 0
    group_row: int | None = None
    subheader: str | None = None
    skip_first_column: str | None = None
    fixed: int | None = None
    value: str = "votes"
    label: str = "candidate"
    group: str = "contest"
    pad_short_rows: bool = False
    thousands: bool = True


@dataclass(frozen=True)
class Reader:
    """How the bytes of a member file become lines and fields.

    ``members``: regular expression on a member's base name; ``exclude``: one on its whole path
    (folders of duplicates). ``encoding``: ``utf-8``, ``latin-1`` or ``utf-16``. ``quote`` None
    means that a quotation mark is data. ``header`` False: columns by position.
    ``order``: ``strict`` (the header must be the declared columns, in order) or ``by_name``.
    ``trailing_delimiter``: each line ends with one empty extra field.
    ``short_rows``: lines of a headerless file may stop early, but not before this many fields.
    ``from_name``: regular expression on the base name whose named groups become columns.
    ``multiline``: a quoted value may hold line ends (small files only; lines are then records).
    ``order_since``: before this day a ``strict`` header is matched by name (older vintages).
    ``final_newline``: a file whose last line has no line end was cut short and is refused.
    ``ignored``: regular expression on a whole header cell; such columns are known and never read (one
    currency each, more every year). ``title_lines``: lines above the header that hold titles.
    ``total_rows``: regular expression on a row's first cell; such a row is a total, accounted as no row.
    ``excel_tabs``: a file that begins with a UTF-16 byte order mark is read as tab-delimited UTF-16.
    """

    members: str
    format: str = "delimited"
    exclude: str | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    header: bool = True
    order: str = "strict"
    trailing_delimiter: bool = False
    short_rows: int | None = None
    from_name: str | None = None
    null_values: tuple[str, ...] = ()
    multiline: bool = False
    sheet: Sheet | None = None
    order_since: date | None = None
    final_newline: bool = True
    ignored: str | None = None
    title_lines: int = 0
    total_rows: str | None = None
    excel_tabs: bool = False


@dataclass(frozen=True)
class RowRule:
    """A rule that one row must satisfy by itself; a row that does not is quarantined.

    ``sql``: a boolean expression over the table's columns (text), true for a good row.
    """

    name: str
    sql: str
    reason: str


@dataclass(frozen=True)
class OptOut:
    """Which rows of a delivered table say that somebody wants no more of it.

    ``channel``: sms, email, phone, mail or all. ``contact``, ``at``, ``when``: SQL over the table's columns
    (text): the number or address as given, when it was said (UTC), and whether the row says so at all.
    ``message``: SQL for what a person wrote; the row counts only where the whole message is a revocation.
    ``lookup``: another table of the contract that holds the contact, the row's column and that table's column of
    the same value; ``contact`` is then said in that table's columns.
    """

    channel: str
    contact: str
    at: str
    when: str
    message: str | None = None
    lookup: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class QualityRule:
    """A rule over a whole table, taken from the contract's ``quality`` block.

    ``kind`` and ``params`` are those of ``orchestration.gates.checks.Check``.
    """

    name: str
    kind: str
    params: Mapping[str, object]
    severity: str
    reason: str
    owner: str = "data"


@dataclass(frozen=True)
class Disclosure:
    """What of a published table counts people, for whoever takes it out of the house (``publish.disclosure``).

    ``counts``: columns that count people and add up over rows. ``by``: columns that say who is counted, from the
    widest to the narrowest. ``areas``: the type and the id column of a table whose rows are areas of several types,
    each type covering the same people; the rest of ``by`` says which whole they divide. ``with_``: other columns that
    may leave the house beside the counts; a withheld row loses them too.
    """

    counts: tuple[str, ...]
    by: tuple[str, ...] = ()
    areas: tuple[str, str] | None = None
    with_: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One accepted or published table of a contract.

    ``may_be_empty``: no rows are no fault (a day without refunds); every other check still holds for the rows
    there are.
    """

    name: str
    description: str
    grain: str
    columns: tuple[Column, ...]
    reader: Reader | None = None
    unpivots: tuple[Unpivot, ...] = ()
    row_rules: tuple[RowRule, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    quality: tuple[QualityRule, ...] = ()
    derived: bool = False
    may_be_empty: bool = False
    disclosure: Disclosure | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return tuple(c.name for c in self.columns if c.key)

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError when the contract has none."""
        for c in self.columns:
            if c.name == name:
                return c
        raise KeyError(f"{self.name} has no column {name!r}")


@dataclass(frozen=True)
class AsOf:
    """Which column shows, by its newest value, the day a delivery was made.

    ``date_format`` is a strptime format; values that do not parse (masks) are ignored.
    ``max_lag_days``: how far the newest value may stay behind the declared snapshot date.
    """

    table: str
    column: str
    date_format: str
    max_lag_days: int


@dataclass(frozen=True)
class Contract:
    """Everything agreed about one source (or one published table).

    ``max_quarantined_share``: a delivery with a larger share of quarantined lines is refused.
    ``max_fall_share``: a delivery whose first table has fallen by more than this share against
    the last accepted delivery is refused; None means that no fall is too large.
    ``max_column_change_share``: a delivery in which one column changed for a larger share of the
    people of both files is refused (values that moved under an intact header).
    ``audience``: of a published table, ``general`` or ``restricted`` (to the teams that work with people).
    ``file``: of a restricted table, the team whose database file holds it (``people``, ``texting``).
    """

    id: str
    name: str
    version: str
    domain: str
    purpose: str
    tables: tuple[Table, ...]
    kind: Kind = Kind.SNAPSHOT
    state: str | None = None
    sender: str = ""
    url: str | None = None
    licence: str = ""
    permitted_use: tuple[str, ...] = ()
    limitations: str = ""
    cadence_days: int | None = None
    fresh_within_days: int | None = None
    retention_days: int | None = None
    on_refusal: str = "stop"
    expected_parts: tuple[str, ...] = ()
    as_of: AsOf | None = None
    state_column: tuple[str, str, str] | None = None
    control_totals: str | None = None
    code_lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    path: str = ""
    max_quarantined_share: float = 0.005
    max_fall_share: float | None = None
    max_column_change_share: float | None = None
    hash: str = ""
    audience: str = ""
    file: str = ""

    @property
    def database(self) -> str:
        """The release's database that holds the published table, which is also its file's name without the ending."""
        return GENERAL_DATABASE if self.audience == GENERAL else self.file or PEOPLE_DATABASE

    @property
    def schema(self) -> str:
        """The schema of the published table as the gate sees it, with the general file open and the others attached."""
        return "main" if self.database == GENERAL_DATABASE else f"{self.database}.main"

    def table(self, name: str) -> Table:
        """The table called ``name``; KeyError when the contract has none."""
        for t in self.tables:
            if t.name == name:
                return t
        raise KeyError(f"contract {self.id} has no table {name!r}")
