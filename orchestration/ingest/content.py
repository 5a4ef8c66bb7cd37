"""What the accepted rows say about a delivery as a whole: the right state, day and electorate.

Belongs here: questions whose answer is compared with the contract and with the delivery before.
Does not belong here: quality rules (the gate evaluates them).
Aggregates only: dates, shares and counts of the whole file, never a value of one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.model import Contract, Kind, Table
from orchestration.contracts.shape import stored_columns
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.sql import parquet
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb

_STATE_SHARE = 0.9
# A handful of typing errors lie in the future in every voter file; a later day's file has hundreds.
_FUTURE_ROWS, _FUTURE_SHARE = 20, 0.0005
_COMPARED, _FEWEST_COMPARED = 200_000, 100
# A voter file grows by about one per cent a month; a quarter more at once is another file joined to it, or rows told
# twice under other ids.
_MOST_RISE = 0.25
# A group of at least this share and number of rows does not shrink to a tenth overnight: its codes were lost or
# recoded. Parties that were dissolved (No Labels in North Carolina, 0.4 % of the voters) lie below it.
_GROUP_SHARE, _GROUP_ROWS, _GROUP_LEFT = 0.01, 20, 0.1
# The usual slip is the wrong year. A snapshot of a day that far ahead would shadow every file until then.
_DAYS_AHEAD = 60


@dataclass(frozen=True)
class Before:
    """The last accepted delivery before this one."""

    snapshot_date: date
    newest_content_date: date | None
    rows: int
    path: Path


def check_day(snapshot_date: date, now: str) -> None:
    """Refuse a delivery whose folder bears a day far ahead of ``now`` (ISO time); raises ``DeliveryRefused``."""
    today = date.fromisoformat(now[:10])
    if (snapshot_date - today).days > _DAYS_AHEAD:
        raise DeliveryRefused(
            "future_day", "the folder's day has not come yet", expected=f"at most {_DAYS_AHEAD} days after {today}",
            found=str(snapshot_date), advice="Rename the folder to the day of the file",
        )  # fmt: skip


def check_rows(contract: Contract, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a delivery whose first table holds no row: a header alone, or nothing that was not set aside.

    ``tables``: the manifest's entries. Raises ``DeliveryRefused``.
    """
    first = contract.tables[0]
    entry = tables.get(first.name)
    if entry is None or first.may_be_empty or entry["rows"]:
        return
    raise DeliveryRefused(
        "no_rows", f"{first.name} holds no row", file=", ".join(m[0] for m in entry["members"][:3]),
        expected="at least one row below the header", found=f"{entry['lines']} lines, none of them accepted",
        advice="Ask the sender for the whole file: an export that failed often leaves its header behind",
    )  # fmt: skip


def check_state(con: duckdb.DuckDBPyConnection, contract: Contract, tables: dict[str, Path]) -> None:
    """Refuse a delivery whose content belongs to another state; raises ``DeliveryRefused``."""
    if contract.state_column is None:
        return
    table, column, pattern = contract.state_column
    row = con.execute(
        f"select count({ident(column)}), count(*) filter (where regexp_full_match({ident(column)}, {literal(pattern)}))"
        f" from {parquet(tables[table])}"
    ).fetchone()
    filled, matching = row if row is not None else (0, 0)
    if not filled or matching < _STATE_SHARE * filled:
        raise DeliveryRefused(
            "wrong_state", f"the content is not {contract.state}'s", column=column,
            expected=f"{contract.state} in nearly all rows", found=f"{matching} of {filled} rows",
            advice="Move the file to the folder of its own state",
        )  # fmt: skip


def newest_date(
    con: duckdb.DuckDBPyConnection, contract: Contract, tables: dict[str, Path], snapshot_date: date
) -> date | None:
    """The newest day in the content up to the declared date, and a refusal when there are later ones.

    None when the contract names no such column. Raises ``DeliveryRefused``.
    """
    rule = contract.as_of
    if rule is None:
        return None
    day = f"try_strptime({ident(rule.column)}, {literal(rule.date_format)})::date"
    row = con.execute(
        f"select max(d) filter (where d <= $1), count(*) filter (where d > $1 and d <= $1 + interval 400 day),"
        f" max(d) filter (where d > $1 and d <= $1 + interval 400 day), count(d)"
        f" from (select {day} as d from {parquet(tables[rule.table])})",
        [snapshot_date],
    ).fetchone()
    newest, later, latest, dated = row if row is not None else (None, 0, None, 0)
    if newest is None:
        raise DeliveryRefused(
            "no_content_date", "no row says when the file was made", column=rule.column,
            expected=f"dates of the form {rule.date_format}", found=f"{dated} dates",
            advice="Check the date format in the contract against the sender's layout",
        )  # fmt: skip
    if later > max(_FUTURE_ROWS, _FUTURE_SHARE * dated):
        raise DeliveryRefused(
            "newer_content", f"{later} rows are dated after the declared day", column=rule.column,
            expected=f"nothing after {snapshot_date}", found=f"up to {latest}",
            advice="This is the file of a later day: move it to the folder of that day",
        )  # fmt: skip
    if (snapshot_date - newest).days > rule.max_lag_days:
        raise DeliveryRefused(
            "old_content", "the newest row is too old for the declared day", column=rule.column,
            expected=f"within {rule.max_lag_days} days of {snapshot_date}", found=str(newest),
            advice="This is an older file: move it to the folder of its own day",
        )  # fmt: skip
    return date.fromisoformat(str(newest))


def check_order(contract: Contract, snapshot_date: date, newest: date | None, before: Before | None) -> None:
    """Refuse yesterday's file under today's name; raises ``DeliveryRefused``."""
    if contract.as_of is None or newest is None or before is None or before.newest_content_date is None:
        return
    if newest <= before.newest_content_date:
        raise DeliveryRefused(
            "stale_content", "nothing in it is newer than the delivery before", column=contract.as_of.column,
            expected=f"later than {before.newest_content_date}, the newest day of the file of {before.snapshot_date}",
            found=str(newest), advice="The sender gave an old file a new name; ask for the current one",
        )  # fmt: skip


def check_fall(contract: Contract, rows: int, before: Before | None) -> None:
    """Refuse a first table that lost more rows than the contract allows; raises ``DeliveryRefused``."""
    if contract.max_fall_share is None or before is None or not before.rows:
        return
    fall = 1 - rows / before.rows
    if fall > contract.max_fall_share:
        raise DeliveryRefused(
            "rows_fell", f"{contract.tables[0].name} fell from {before.rows} to {rows} rows",
            expected=f"a fall of at most {contract.max_fall_share:.1%} since {before.snapshot_date}",
            found=f"{fall:.1%}", advice="Ask the sender whether a part is missing; a real purge needs an override",
        )  # fmt: skip


def check_rise(contract: Contract, rows: int, before: Before | None) -> None:
    """Refuse a voter file that grew as no electorate does; raises ``DeliveryRefused``."""
    if contract.kind is not Kind.VOTERS or contract.max_fall_share is None or before is None or not before.rows:
        return
    rise = rows / before.rows - 1
    if rise > _MOST_RISE:
        raise DeliveryRefused(
            "rows_rose", f"{contract.tables[0].name} grew from {before.rows} to {rows} rows",
            expected=f"a growth of at most {_MOST_RISE:.0%} since {before.snapshot_date}", found=f"{rise:.1%}",
            advice="Ask the sender whether two files were joined; a file that was incomplete before needs an override",
        )  # fmt: skip


def check_keys(
    con: duckdb.DuckDBPyConnection, contract: Contract, table: Table, path: Path, before: Before | None
) -> None:
    """Refuse a voter file that has other voters than the one before: ids that lost their zeros, or were renumbered.

    The number of rows shows nothing then, and each voter would be removed and registered anew. A sample of the voters
    is compared in a large file. Raises ``DeliveryRefused``.
    """
    if contract.kind is not Kind.VOTERS or contract.max_fall_share is None or before is None or not table.key:
        return
    keys = ", ".join(ident(k) for k in table.key)
    step = max(1, before.rows // _COMPARED)
    sample = f"where hash({keys}) % {step} = 0" if step > 1 else ""
    row = con.execute(
        f"select count(*), count(*) filter (where not kept) from (select exists(from {parquet(path)} b where"
        f" {' and '.join(f'a.{ident(k)} = b.{ident(k)}' for k in table.key)}) as kept"
        f" from {parquet(before.path)} a {sample})"
    ).fetchone()
    compared, lost = (int(row[0]), int(row[1])) if row is not None else (0, 0)
    if compared >= _FEWEST_COMPARED and lost > contract.max_fall_share * compared:
        raise DeliveryRefused(
            "keys_lost", f"{lost} of {compared} voters of the file before are not in it, or under another id",
            column=", ".join(table.key), expected=f"at most {contract.max_fall_share:.1%} gone since "
            f"{before.snapshot_date}", found=f"{lost / compared:.1%}",
            advice="Ask the sender whether ids were renumbered or lost their zeros; a real purge needs an override",
        )  # fmt: skip


def check_groups(
    con: duckdb.DuckDBPyConnection, contract: Contract, table: Table, path: Path, before: Before | None
) -> None:
    """Refuse a voter file in which a party, a county or another coded group has all but vanished.

    Only codes of the contract's own lists are looked at, and named. Raises ``DeliveryRefused``.
    """
    if contract.kind is not Kind.VOTERS or contract.max_fall_share is None or before is None:
        return
    columns = [c for c in stored_columns(table) if c.codes in contract.code_lists]
    if not columns:
        return
    counted = " union all ".join(
        f"select {literal(c.name)} as name, {ident(c.name)} as code, count(*) as n from source group by all"
        for c in columns
    )
    rows = con.execute(
        f"with a as (with source as (from {parquet(before.path)}) {counted}),"
        f" b as (with source as (from {parquet(path)}) {counted})"
        " select a.name, a.code, a.n, coalesce(b.n, 0) from a left join b using (name, code)"
        f" where a.n >= {max(_GROUP_ROWS, _GROUP_SHARE * before.rows)} and coalesce(b.n, 0) < {_GROUP_LEFT} * a.n"
        " order by a.n desc, a.name, a.code"
    ).fetchall()
    lists = {c.name: contract.code_lists[str(c.codes)] for c in columns}
    for name, code, had, has in rows:
        if code in lists[name]:
            raise DeliveryRefused(
                "group_vanished", f"{lists[name][code]} ({code}) has all but vanished", column=name,
                expected=f"about the {had} rows of {before.snapshot_date}", found=f"{has} rows",
                advice="Ask the sender whether it was left out or recoded; a real change needs an override",
            )  # fmt: skip


def check_drift(
    con: duckdb.DuckDBPyConnection, contract: Contract, table: Table, path: Path, before: Before | None
) -> None:
    """Refuse when a column changed for most voters at once: values moved under an intact header.

    Voters of both deliveries are compared, a sample of them in a large file. Raises ``DeliveryRefused``.
    """
    limit = contract.max_column_change_share
    if limit is None or before is None or not table.key:
        return
    columns = [c.name for c in stored_columns(table) if not c.key and not c.volatile]
    keys = [c.name for c in stored_columns(table) if c.key]
    step = max(1, before.rows // _COMPARED)
    sample = f"where hash({', '.join(map(ident, keys))}) % {step} = 0" if step > 1 else ""
    same = " and ".join(f"a.{ident(k)} = b.{ident(k)}" for k in keys)
    changed = ", ".join(f"count(*) filter (where a.{ident(c)} is distinct from b.{ident(c)})" for c in columns)
    row = con.execute(
        f"select count(*), {changed} from (from {parquet(before.path)} {sample}) a"
        f" join (from {parquet(path)} {sample}) b on {same}"
    ).fetchone()
    compared, counts = (int(row[0]), row[1:]) if row is not None else (0, ())
    if compared < _FEWEST_COMPARED:
        return
    moved = [c for c, n in zip(columns, counts, strict=True) if n > limit * compared]
    if moved:
        worst = max(int(n) for n in counts)
        raise DeliveryRefused(
            "columns_changed", f"{len(moved)} column(s) changed for most voters at once", column=", ".join(moved[:6]),
            expected=f"a change for at most {limit:.0%} of {compared} voters of both files", found=f"{worst} voters",
            advice="Values may have moved under an intact header; a statewide recoding needs an override",
        )  # fmt: skip
