"""What a file is, from its content: for files dropped in the wrong folder or in none.

Belongs here: comparing a header, or the shape of the first lines, with every contract; moving a file to
its folder. Does not belong here: taking a delivery in (``receive``).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from orchestration.contracts.model import Contract, Table
from orchestration.ingest.archive import container, entries, opened
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.header import cells_of, is_ignored
from orchestration.ingest.landing import is_partial, oddity
from orchestration.ingest.legible import legible

_PEEK = 1 << 17
_LINES = 50
_ENOUGH = 0.8
_DAY = re.compile(r"(?<!\d)(20\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


@dataclass(frozen=True)
class Guess:
    """The source a file seems to belong to, and the day its names speak of (None: they do not)."""

    source: str
    day: date | None


def recognise(path: Path, contracts: Mapping[str, Contract]) -> list[Guess]:
    """The sources a received file may belong to, by content; empty when none fits."""
    found: list[str] = []
    names = [path.name]
    try:
        inside = entries(path, path.name)
        names += [e.path for e in inside[:50]]
        kind = container(path)
        with opened(path, path.name) as source:
            for entry in inside[:4]:
                head = _head(path) if kind == "plain" else source.peek(entry, _PEEK)
                found += [c.id for c in contracts.values() if _fits(c, entry.name, head)]
    except DeliveryRefused:
        return []
    day = next((d for n in names if (d := _day(n)) is not None), None)
    return [Guess(source_id, day) for source_id in dict.fromkeys(found)]


def hint(files: Sequence[Path], own: str, contracts: Mapping[str, Contract]) -> str | None:
    """A sentence naming the source that a misplaced file seems to belong to, or None.

    A file that fits ``own`` is not misplaced, whatever else is wrong with it.
    """
    for path in files[:3]:
        guesses = [g.source for g in recognise(path, contracts)]
        if len(guesses) == 1 and guesses[0] != own:
            return f"It looks like a file of {guesses[0]}"
    return None


def place_strays(home: Path, contracts: Mapping[str, Contract]) -> list[str]:
    """Move files that lie loose in ``landing/`` to the folder of their source and day.

    Returns one remark per file, and per folder that is no source's: where it was put, or why it was left and
    what to do.
    """
    landing = home / "landing"
    remarks = [
        f"{folder}: no contract is called {folder.name}; known are {', '.join(sorted(contracts))}"
        for folder in (sorted(landing.iterdir()) if landing.is_dir() else [])
        if folder.is_dir() and folder.name not in contracts and not folder.name.startswith(".")
    ]
    for path in sorted(p for p in landing.iterdir() if not p.is_dir() or p.is_symlink()) if landing.is_dir() else []:
        odd = None if path.is_symlink() and path.is_dir() and path.name in contracts else oddity(path)
        if odd is not None or path.is_dir():
            remarks += [legible(f"{path}: {odd}")] if odd else []
            continue
        if is_partial(path.name):
            remarks.append(legible(f"{path}: an upload is still under way; it is left where it is"))
            continue
        guesses = recognise(path, contracts)
        if not guesses:
            remarks.append(f"{path}: no contract describes such a file; remove it, or write a contract for it")
        elif len(guesses) > 1:
            named = ", ".join(g.source for g in guesses)
            remarks.append(f"{path}: could be any of {named}; move it to landing/<source>/<date>/ by hand")
        elif guesses[0].day is None:
            remarks.append(
                f"{path}: a file of {guesses[0].source}, but its name says no day; "
                f"move it to {landing / guesses[0].source}/<YYYY-MM-DD>/"
            )
        else:
            remarks.append(_place(path, landing / guesses[0].source / guesses[0].day.isoformat()))
    return remarks


def _place(path: Path, folder: Path) -> str:
    target = folder / path.name
    if target.exists():
        return f"{path}: {target} is already there; remove one of the two"
    folder.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return f"{path}: moved to {target}"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_PEEK)


def _fits(contract: Contract, name: str, head: bytes) -> bool:
    return any(_table_fits(contract, t, name, head) for t in contract.tables if t.reader is not None)


def _table_fits(contract: Contract, table: Table, name: str, head: bytes) -> bool:
    reader = table.reader
    if reader is None:
        return False
    if reader.sheet is not None or reader.from_name is not None:
        return all(re.search(p, name) for p in (reader.members, reader.from_name) if p is not None)
    if reader.excel_tabs and head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        reader = replace(reader, encoding="utf-16", delimiter="\t")
    text = head.decode("latin-1" if reader.encoding == "cp1252" else reader.encoding, errors="replace")
    lines = text.removeprefix("\ufeff").splitlines()[reader.title_lines : _LINES]
    if len(head) == _PEEK:
        lines = lines[:-1] or lines
    try:
        rows = list(islice(cells_of(lines, reader), _LINES))
    except csv.Error:
        return False
    if not rows:
        return False
    return _header_fits(table, rows[0]) if reader.header else _shape_fits(contract, table, rows)


def _header_fits(table: Table, cells: Sequence[str]) -> bool:
    names = {_key(n): c.name for c in table.columns for n in (c.physical_name, *(a.physical_name for a in c.aliases))}
    ignored = [] if table.reader is None else [c for c in cells if is_ignored(table.reader, c)]
    given = [_key(c) for c in cells if c.strip() and c not in ignored]
    wide = [g for c, g in zip(cells, given, strict=False) if any(re.fullmatch(u.pattern, c) for u in table.unpivots)]
    known = {names[g] for g in given if g in names}
    needed = [c.name for c in table.columns if not c.optional and c.until is None and c.since is None]
    if not given or not needed:
        return False
    return len(known) + len(wide) >= _ENOUGH * len(given) and len(known & set(needed)) >= _ENOUGH * len(needed)


def _shape_fits(contract: Contract, table: Table, rows: Sequence[Sequence[str]]) -> bool:
    """Whether lines without header have the declared number of fields, and coded fields known codes."""
    width = len(table.columns)
    least = table.reader.short_rows if table.reader and table.reader.short_rows else width
    shaped = [r for r in rows if least <= len(r) <= width]
    if len(shaped) < _ENOUGH * len(rows):
        return False
    tested = passed = 0
    for i, column in enumerate(table.columns):
        codes = contract.code_lists.get(column.codes or "", {})
        for row in shaped:
            value = row[i].strip() if i < len(row) else ""
            if not value or not (codes or column.pattern):
                continue
            tested += 1
            passed += value in codes if codes else bool(re.fullmatch(column.pattern or "", value))
    return tested == 0 or passed >= _ENOUGH * tested


def _day(name: str) -> date | None:
    found = _DAY.search(name)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _key(name: str) -> str:
    return " ".join(name.split()).lower()
