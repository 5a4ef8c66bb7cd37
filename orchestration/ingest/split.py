"""Tell well-formed lines from malformed ones, when the strict parser has found a fault.

Belongs here: the verdict on each physical line by itself, and the rewriting of the good ones into a
file that the strict parser takes whole. Does not belong here: rules about values (``parse``).

Works on blocks of lines as columns; constant memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Reader

if TYPE_CHECKING:
    import polars as pl

_BLOCK = 1 << 25
# Bytes of a line. The longest in five states' files are 3 kB; the strict parser wants to know a limit.
LONGEST_LINE = 1 << 20
_MARK = "\x02"  # never in a good line: lines with control characters are bad before it is put in
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


@dataclass(frozen=True)
class Split:
    """``clean``: the good lines in file order. ``bad``: line number, reason, raw text, in order."""

    clean: Path
    bad: tuple[tuple[int, str, str], ...]
    good: int


def split_lines(source: Path, width: int, reader: Reader, crlf: bool, target: Path) -> Split:
    """Write the good data lines of ``source`` (UTF-8) to ``target``, without header, ended by LF.

    ``width``: fields per line; a reader with ``short_rows`` lets lines stop early, they are padded.
    """
    bad: list[tuple[int, str, str]] = []
    good = 0
    number = 1
    with target.open("wb") as out:
        for block in _blocks(source):
            lines = block.split("\n")
            if number == 1 and lines:
                lines[0] = lines[0].removeprefix("\ufeff")
            first = number
            number += len(lines)
            judged = _judge(lines, first, width, reader, crlf)
            if first == 1 and reader.header:
                judged = judged.slice(1)
            keep = judged.filter(judged["reason"].is_null())
            good += keep.height
            if keep.height:
                out.write("\n".join(keep["line"]).encode() + b"\n")
            bad += judged.filter(judged["reason"].is_not_null()).select("number", "reason", "line").rows()
    return Split(target, tuple(bad), good)


def any_bad(path: Path, numbers: set[int], width: int, reader: Reader, crlf: bool) -> bool:
    """Whether one of the given lines of a file is malformed."""
    lines = [line + ("\r" if crlf else "") for line in raw_lines(path, numbers).values()]
    return bool(_judge(lines, 1, width, reader, crlf)["reason"].is_not_null().any())


def _judge(lines: list[str], first: int, width: int, reader: Reader, crlf: bool) -> pl.DataFrame:
    """Columns number, line (padded where allowed) and reason (null for a good line)."""
    import polars as pl

    width += reader.trailing_delimiter
    frame = pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)})
    frame = frame.with_columns(number=pl.int_range(first, first + len(lines), dtype=pl.Int64))
    line = pl.col("line")
    if crlf:
        frame = frame.with_columns(line.str.strip_suffix("\r"))
    delimiter = re.escape(reader.delimiter)
    if reader.quote is None:
        bare, broken = line, pl.lit(False)
    else:
        q = re.escape(reader.quote)
        # Each properly quoted field becomes one mark; whatever quotes remain are out of place.
        bare = line.str.replace_all(f"(^|{delimiter}){q}(?:[^{q}]|{q}{q})*{q}", "${1}" + _MARK)
        broken = bare.str.contains(q) | bare.str.contains(f"{_MARK}[^{delimiter}]")
    frame = frame.with_columns(
        fields=bare.str.count_matches(delimiter) + 1,
        broken=broken,
        low=line.str.contains(_CONTROL),
        returns=line.str.contains("\r", literal=True),
        high=line.str.contains("[\\x{80}-\\x{9f}]"),
        lost=line.str.contains("\ufffd", literal=True),
    )
    least = width if reader.short_rows is None else min(reader.short_rows, width)
    expected = f"expected {width} fields, found " if least == width else f"expected {least} to {width} fields, found "
    reason = (
        pl.when(line.str.strip_chars(" ") == "")
        .then(pl.lit("blank line"))
        .when(line.str.len_bytes() >= LONGEST_LINE)
        .then(pl.lit(f"longer than {LONGEST_LINE} bytes"))
        .when("low")
        .then(pl.lit("control character"))
        .when("returns")
        .then(pl.lit("carriage return inside the line"))
        .when("high")
        .then(pl.lit("windows-1252 character in a file declared otherwise"))
        .when(pl.col("lost") & pl.lit(reader.encoding != "utf-8"))
        .then(pl.lit("byte that the encoding does not define"))
        .when("broken")
        .then(pl.lit("unbalanced or misplaced quotation mark"))
        .when(~pl.col("fields").is_between(least, width))
        .then(pl.lit(expected) + pl.col("fields").cast(pl.String))
    )
    frame = frame.with_columns(reason=reason)
    if least < width:
        missing = pl.lit(reader.delimiter).repeat_by(width - pl.col("fields").clip(0, width)).list.join("")
        frame = frame.with_columns(line=pl.when(pl.col("reason").is_null()).then(line + missing).otherwise(line))
    return frame.select("number", "line", "reason")


def _blocks(path: Path) -> Iterator[str]:
    """Text of whole lines, without the last line end of each block."""
    rest = b""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_BLOCK):
            chunk = rest + chunk
            end = chunk.rfind(b"\n")
            if end < 0:
                rest = chunk
                continue
            rest = chunk[end + 1 :]
            yield chunk[:end].decode("utf-8", errors="replace")
    if rest:
        yield rest.decode("utf-8", errors="replace")


def raw_lines(path: Path, numbers: set[int]) -> dict[int, str]:
    """The text of the given 1-based lines."""
    found: dict[int, str] = {}
    if not numbers:
        return found
    last = max(numbers)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number in numbers:
                found[number] = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if number >= last:
                break
    return found
