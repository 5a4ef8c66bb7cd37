"""One table of counts for somebody outside: partners, the press, a BI tool that others see.

Belongs here: the order of the steps and the record. Does not belong here: what is withheld (``publish.disclosure``),
lists of people (``exporting``).

The refresh's lock is held meanwhile, so that no two shares are made at once. In this order: what is shown and withheld
of the whole table with all its sums is kept in `shares/<id>.parquet`; the share goes on the hash-chained record of
exports; the file gets its name. Interrupted in between, the record says more than was handed out, never less. Every
later share of the table is held against all of these: by the same columns or fewer, what was once withheld stays so,
and a count that has changed by one to ten people since is withheld.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract, Disclosure
from orchestration.faults import fault_point
from orchestration.outreach.record import LOG, TamperedRecord
from orchestration.outreach.rules import ExportRefused, check_target
from orchestration.publish import chain
from orchestration.publish import files as fs
from orchestration.publish.candidate import CURRENT, GENERAL_FILE, read_release_id
from orchestration.publish.disclosure import Cells, Key, areas, margins, withheld
from orchestration.publish.errors import NoSuchRelease
from orchestration.publish.lock import single_writer
from orchestration.settings import PROJECT_ROOT, Paths

if TYPE_CHECKING:
    import polars as pl

FOLDER = "shares"
FORMATS = (".csv", ".parquet")


@dataclass(frozen=True)
class Request:
    """What is asked for. ``by``: the columns that say who is counted, those of the contract when empty."""

    table: str
    target: Path
    who: str
    purpose: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """What shares before showed and withheld of a table, and by which columns."""

    by: tuple[str, ...] | None
    withheld: frozenset[Key]
    shown: tuple[Mapping[Key, tuple[int, ...]], ...]


def share(
    paths: Paths,
    request: Request,
    *,
    smallest: int,
    contracts: Mapping[str, Contract] | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Write one table with small groups withheld; returns its entry in the record.

    smallest: the smallest count of people that may be shown, zero apart. Raises ``ExportRefused`` (a rule forbids it),
    ``ValueError`` (the request makes no sense, or ``TooEntangled``), ``NoSuchRelease``, ``Busy``, ``TamperedRecord``.
    """
    contracts = contracts if contracts is not None else load_contracts()
    said = _disclosure(contracts, request.table)
    by = _by(said, request)
    if not request.who.strip() or not request.purpose.strip():
        raise ValueError("say who shares and what for: --who and --purpose")
    if request.target.suffix not in FORMATS:
        raise ValueError(f"{request.target}: a share is a file that ends in {' or '.join(FORMATS)}")
    target = check_target(request.target, paths.home, PROJECT_ROOT)
    made_at = now or datetime.now(UTC)
    share_id = f"S{made_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with single_writer(paths.lock, share_id, "share"):
        release = (paths.home / CURRENT).resolve()
        if not release.is_dir():
            raise NoSuchRelease(f"{paths.home}: nothing is published there yet; run `winnumber refresh`")
        earlier = earlier_shares(paths.home, request.table, said.counts)
        by = _same_columns(request.table, by, earlier, bool(request.by))
        rows = _read(release / GENERAL_FILE, request.table, said)
        cells = _cells(rows, said, by)
        hidden = withheld(cells, k=smallest, before=earlier.withheld, shown=earlier.shown)
        content = _bytes(_table(rows, cells, hidden, said, by), target.suffix)
        kept = paths.home / FOLDER / f"{share_id}.parquet"
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        fs.write_atomically(kept, _kept(cells, hidden, said.counts), 0o600)
        fault_point("share.kept")
        entry = {
            "action": "share", "share_id": share_id, "at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "by": request.who, "table": request.table, "columns": list(by), "purpose": request.purpose,
            "release_id": read_release_id(release), "smallest_count": smallest, "cells": len(cells.keys),
            "withheld": len(hidden), "file": str(target), "file_sha256": fs.sha256_of_bytes(content),
            "cells_sha256": fs.sha256_of(kept),
        }  # fmt: skip
        chain.append(paths.home / LOG, entry, seal=True, mode=0o600)
        fault_point("share.recorded")
        fs.write_atomically(target, content, 0o600)
    return entry


def earlier_shares(home: Path, table: str, counts: Sequence[str]) -> Earlier:
    """Everything that was ever shared of a table. Raises ``TamperedRecord`` when that is not as it was written."""
    import polars as pl

    if bad := chain.tampered_lines(home / LOG):
        raise TamperedRecord(
            f"{home / LOG}: line(s) {', '.join(map(str, bad))} are not as they were written; restore the file from a "
            "backup before anything more is shared"
        )
    by: tuple[str, ...] | None = None
    gone: set[Key] = set()
    shown: list[Mapping[Key, tuple[int, ...]]] = []
    for entry in chain.entries(home / LOG):
        if entry.get("action") != "share" or entry["table"] != table:
            continue
        path = home / FOLDER / f"{entry['share_id']}.parquet"
        if not path.is_file() or fs.sha256_of(path) != entry["cells_sha256"]:
            raise TamperedRecord(f"{path}: missing or altered; restore it from a backup before anything more is shared")
        frame = pl.read_parquet(path)
        if missing := sorted(set(counts) - set(frame.columns)):
            raise ExportRefused(f"rule small-cells: shares of {table} on record do not count {', '.join(missing)}")
        by = tuple(entry["columns"])
        open_ = frame.filter(pl.col("is_shown"))
        gone |= {tuple(key) for key in frame.filter(~pl.col("is_shown"))["key"].to_list()}
        keys = [tuple(key) for key in open_["key"].to_list()]
        shown.append(dict(zip(keys, open_.select(*counts).iter_rows(), strict=True)))
    return Earlier(by, frozenset(gone), tuple(shown))


def _disclosure(contracts: Mapping[str, Contract], table: str) -> Disclosure:
    contract = contracts.get(table)
    if contract is None or contract.domain != "published":
        raise ValueError(f"{table!r} is no published table; see docs/data-dictionary.md")
    said = contract.tables[0].disclosure
    if contract.audience != "general" or said is None:
        open_ = sorted(c.id for c in contracts.values() if c.domain == "published" and c.tables[0].disclosure)
        raise ExportRefused(
            f"rule small-cells: the contract of {table} does not say which of its columns count people, so nobody can "
            f"tell what it gives away; shared may be: {', '.join(open_)}"
        )
    return said


def _by(said: Disclosure, request: Request) -> tuple[str, ...]:
    if unknown := [c for c in request.by if c not in said.by]:
        raise ValueError(f"--by {', '.join(unknown)}: {request.table} counts by {', '.join(said.by)}")
    if request.by and said.areas:
        raise ValueError(f"{request.table} is shared by {', '.join((*said.by, *said.areas))}; leave --by out")
    return tuple(c for c in said.by if c in request.by) or said.by


def _same_columns(table: str, by: tuple[str, ...], earlier: Earlier, asked: bool) -> tuple[str, ...]:
    """Other columns make other sums, and two sets of sums together may say what neither does alone."""
    if earlier.by is None or by == earlier.by:
        return by
    if not asked:
        return earlier.by
    raise ExportRefused(
        f"rule small-cells: {table} has been shared by {', '.join(earlier.by)}; another set of sums could be held "
        "against it. Share it by these, or leave --by out"
    )


def _read(file: Path, table: str, said: Disclosure) -> pl.DataFrame:
    import polars as pl

    from orchestration.publish.reader import open_read_only

    names = [*said.by, *(said.areas or ()), *said.counts, *(said.with_ if said.areas else ())]
    with open_read_only(file) as con:
        rows = con.execute(f'select {", ".join(names)} from main."{table}"').fetchall()
    kinds = dict.fromkeys(names, pl.String) | dict.fromkeys(said.counts, pl.Int64)
    text = [[v if n in said.counts or v is None else str(v) for n, v in zip(names, row, strict=True)] for row in rows]
    return pl.DataFrame(text, schema=kinds, orient="row")


def _cells(rows: pl.DataFrame, said: Disclosure, by: Sequence[str]) -> Cells:
    import polars as pl

    whole = rows.with_columns(pl.col(said.counts).fill_null(0))
    return areas(whole, by, said.areas, said.counts) if said.areas else margins(whole, by, said.counts)


def _table(rows: pl.DataFrame, cells: Cells, hidden: set[int], said: Disclosure, by: Sequence[str]) -> pl.DataFrame:
    """What is handed out: the cells with their sums, each withheld row without any figure."""
    import polars as pl

    names = [*by, *(said.areas or ())]
    frame = pl.DataFrame(
        {name: [key[i] for key in cells.keys] for i, name in enumerate(names)}
        | {name: cells.counts[:, i] for i, name in enumerate(said.counts)}
    )
    if said.areas and said.with_:
        text = rows.with_columns(pl.col(names).cast(pl.String).fill_null("")).select(*names, *said.with_)
        frame = frame.join(text, on=names, how="left", maintain_order="left")
    shown = pl.Series("is_withheld", [n in hidden for n in range(len(cells.keys))])
    figures = [*said.counts, *(said.with_ if said.areas else ())]
    return frame.with_columns(shown).with_columns(
        pl.when(~pl.col("is_withheld")).then(pl.col(name)).alias(name) for name in figures
    )


def _kept(cells: Cells, hidden: set[int], counts: Sequence[str]) -> bytes:
    """What outsiders may know now, and nothing they may not: a withheld cell has no count here either."""
    import polars as pl

    shown = [n not in hidden for n in range(len(cells.keys))]
    frame = pl.DataFrame({"key": [list(key) for key in cells.keys], "is_shown": shown}).with_columns(
        pl.when(pl.col("is_shown")).then(pl.Series(cells.counts[:, i])).alias(name) for i, name in enumerate(counts)
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _bytes(frame: pl.DataFrame, suffix: str) -> bytes:
    if suffix == ".csv":
        from orchestration.outreach.safe_csv import csv_bytes

        return csv_bytes(frame.columns, frame.iter_rows())
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
