"""One pass over the bytes of a member file: line ends, control characters, encoding.

Belongs here: facts about bytes, the verdict whether they are what the contract declares, and the
transcoding to UTF-8. Does not belong here: fields and rows (``parse``).

A file in the wrong encoding may parse perfectly well into wrong names, so the bytes are judged before
any parser sees them.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.contracts.model import Reader
from orchestration.ingest.errors import DeliveryRefused

CHUNK = 1 << 22
_CONTROL = bytes(i for i in range(32) if i not in (9, 10, 13)) + b"\x7f"
_C1 = bytes(range(0x80, 0xA0))


@dataclass(frozen=True)
class ByteFacts:
    """What one pass over a file found.

    ``newlines``, ``crlf``, ``cr``: LF, CR LF and lone CR line ends. ``controls``: control characters
    other than tab and line ends. ``c1``: bytes 0x80-0x9F, letters in windows-1252 and controls in
    latin-1. ``*_line``: 1-based line of the first such byte. ``blank``: some line is empty.
    ``quotes``: double quotation marks.
    """

    size: int
    newlines: int
    ends_with_newline: bool
    crlf: int
    cr: int
    controls: int
    control_line: int | None
    nuls: int
    ascii: bool
    utf8: bool
    utf8_error_line: int | None
    c1: int
    c1_line: int | None
    bom: str | None
    blank: bool
    quotes: int

    @property
    def lines(self) -> int:
        """Physical lines, the last one counted whether or not it has a line end."""
        return self.newlines + (0 if self.ends_with_newline or self.size == 0 else 1)

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return asdict(self)


class Inspector:
    """Gathers ``ByteFacts`` from chunks in order; constant memory."""

    def __init__(self) -> None:
        self._size = self._newlines = self._crlf = self._all_cr = self._controls = self._nuls = self._c1 = 0
        self._quotes = 0
        self._control_line: int | None = None
        self._c1_line: int | None = None
        self._utf8_error: int | None = None
        self._ascii = True
        self._blank = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._pending = False
        self._head = b""
        self._tail = b"\n"

    def update(self, chunk: bytes) -> None:
        """Look at the next chunk."""
        if not chunk:
            return
        if len(self._head) < 4:
            self._head += chunk[:4]
        self._look_at_line_ends(chunk)
        clean = chunk.translate(None, _CONTROL)
        if len(clean) != len(chunk):
            self._controls += len(chunk) - len(clean)
            self._nuls += chunk.count(b"\0")
            if self._control_line is None:
                self._control_line = self._line_of(chunk, _CONTROL)
        if not chunk.isascii():
            self._ascii = False
            without = chunk.translate(None, _C1)
            if len(without) != len(chunk):
                self._c1 += len(chunk) - len(without)
                if self._c1_line is None:
                    self._c1_line = self._line_of(chunk, _C1)
            self._check_utf8(chunk)
        elif self._pending:
            self._check_utf8(chunk)
        self._newlines += chunk.count(b"\n")
        self._quotes += chunk.count(b'"')
        self._size += len(chunk)
        self._tail = (self._tail + chunk[-3:])[-3:]

    def _look_at_line_ends(self, chunk: bytes) -> None:
        border = self._tail + chunk[:2]
        returns = chunk.count(b"\r")
        if returns:
            self._all_cr += returns
            self._crlf += chunk.count(b"\r\n")
        if chunk[:1] == b"\n" and self._tail[-1:] == b"\r":
            self._crlf += 1
        if not self._blank:
            self._blank = (
                b"\n\n" in chunk or (returns > 0 and b"\n\r\n" in chunk) or b"\n\n" in border or b"\n\r\n" in border
            )

    def _check_utf8(self, chunk: bytes) -> None:
        if self._utf8_error is not None:
            return
        try:
            self._utf8.decode(chunk)
            self._pending = bool(self._utf8.getstate()[0])
        except UnicodeDecodeError as error:
            # Up to three bytes of the previous chunk stand before this one in the error's view.
            seen = error.object[: error.start]
            self._utf8_error = self._newlines + seen.count(b"\n") + 1
            self._pending = False

    def _line_of(self, chunk: bytes, members: bytes) -> int:
        wanted = set(members)
        at = next(i for i, byte in enumerate(chunk) if byte in wanted)
        return self._newlines + chunk.count(b"\n", 0, at) + 1

    def finish(self) -> ByteFacts:
        """The facts, after the last chunk."""
        if self._pending and self._utf8_error is None:
            self._utf8_error = self._newlines + 1
        return ByteFacts(
            size=self._size,
            newlines=self._newlines,
            ends_with_newline=self._size > 0 and self._tail[-1:] == b"\n",
            crlf=self._crlf,
            cr=self._all_cr - self._crlf,
            controls=self._controls,
            control_line=self._control_line,
            nuls=self._nuls,
            ascii=self._ascii,
            utf8=self._utf8_error is None,
            utf8_error_line=self._utf8_error,
            c1=self._c1,
            c1_line=self._c1_line,
            bom=_bom(self._head[:4]),
            blank=self._blank,
            quotes=self._quotes,
        )


def inspect(path: Path) -> ByteFacts:
    """The facts of one file, read once."""
    inspector = Inspector()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            inspector.update(chunk)
    return inspector.finish()


# What other kinds of file begin with; said in the message, because "another kind of file" helps nobody.
_FOREIGN = (
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"SQLite format 3\0", "a database"),
    (b"-----BEGIN ", "an encrypted or signed message"),
)
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<\?xml|<head|<body)", re.IGNORECASE)
_JSON = re.compile(rb"\s*[\[{]\s*[\[{\"]")


def foreign(head: bytes) -> str | None:
    """What kind of file ``head`` begins, when it is one that no delivery is; else None."""
    head = head.removeprefix(codecs.BOM_UTF8)
    if _MARKUP.match(head):
        return "a web page or XML"
    if _JSON.match(head):
        return "JSON"
    return next((kind for magic, kind in _FOREIGN if head.startswith(magic)), None)


def refuse_foreign(path: Path, member: str) -> None:
    """Refuse a file that is of another kind altogether, whatever its name says; raises ``DeliveryRefused``."""
    with path.open("rb") as file:
        kind = foreign(file.read(512))
    if kind is not None:
        raise DeliveryRefused(
            "not_this_file", "the file is of another kind than its name says", file=member, line=1,
            expected="delimited text", found=kind,
            advice="Fetch it again, signed in and in the agreed format: servers answer with a page where they refuse",
        )  # fmt: skip


def judge(facts: ByteFacts, reader: Reader, member: str) -> None:
    """Refuse a file whose bytes are not what the contract declares; raises ``DeliveryRefused``.

    Single lines with control characters are no reason to refuse: they are quarantined later.
    """
    if facts.size == 0:
        raise DeliveryRefused("empty_file", "the file holds nothing", file=member, advice="Ask the sender for it")
    _judge_encoding(facts, reader, member)
    if reader.encoding == "utf-16":
        return
    if facts.crlf and facts.crlf != facts.newlines:
        raise DeliveryRefused(
            "mixed_line_ends", "some lines end with CR LF and some with LF: files of two origins were joined, or "
            "a transfer changed the file", file=member, expected="one kind of line end",
            found=f"{facts.crlf} CR LF and {facts.newlines - facts.crlf} LF",
            advice="Fetch the file again in binary mode, or ask the sender",
        )  # fmt: skip
    if not facts.newlines and facts.cr:
        raise DeliveryRefused(
            "wrong_line_ends", "lines end with CR alone", file=member, expected="LF or CR LF",
            advice="Ask the sender for the file with LF line ends",
        )  # fmt: skip
    if reader.final_newline and not facts.ends_with_newline:
        raise DeliveryRefused(
            "cut_short", "the last line has no line end, so the file was cut short", file=member,
            line=facts.lines, found=f"{facts.size} bytes",
            advice="Fetch it again; a sender who never ends the last line needs finalNewline: false",
        )  # fmt: skip


def _judge_encoding(facts: ByteFacts, reader: Reader, member: str) -> None:
    declared = reader.encoding
    advice = "Ask the sender whether the encoding changed; if so, correct encoding in the contract"
    utf16 = facts.bom in ("utf-16-le", "utf-16-be")
    if declared == "utf-16":
        if not utf16:
            raise DeliveryRefused(
                "wrong_encoding", "the bytes are not in the declared encoding", file=member, expected="utf-16",
                found="no UTF-16 byte order mark", advice=advice,
            )  # fmt: skip
        return
    if utf16 or facts.nuls * 3 > facts.size:
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member, expected=declared,
            found="utf-16", advice=advice,
        )  # fmt: skip
    if facts.bom == "utf-8" and declared != "utf-8":
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member, line=1, expected=declared,
            found="utf-8, by its byte order mark", advice=advice,
        )  # fmt: skip
    if facts.ascii:
        return
    if declared == "utf-8" and not facts.utf8:
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member,
            line=facts.utf8_error_line, expected="utf-8",
            found="windows-1252 or latin-1" if facts.c1 == 0 else "bytes that are not UTF-8", advice=advice,
        )  # fmt: skip
    if declared in ("latin-1", "cp1252") and facts.utf8:
        # Read as latin-1 it would parse without a complaint and spoil every accented name.
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member, expected=declared,
            found="utf-8", advice=advice,
        )  # fmt: skip


def as_utf8(path: Path, facts: ByteFacts, reader: Reader, target: Path) -> tuple[Path, ByteFacts]:
    """A file with the same lines in UTF-8: ``path`` itself, or a transcoded copy at ``target``.

    Bytes that the encoding does not define become U+FFFD, which ``split`` quarantines.
    """
    if reader.encoding == "utf-8" or (facts.ascii and reader.encoding != "utf-16"):
        return path, facts
    decoder = codecs.getincrementaldecoder(reader.encoding)(errors="replace")
    inspector = Inspector()
    with path.open("rb", buffering=0) as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            data = decoder.decode(chunk).encode("utf-8")
            out.write(data)
            if reader.encoding == "utf-16":
                inspector.update(data)
        out.write(decoder.decode(b"", final=True).encode("utf-8"))
    return target, inspector.finish() if reader.encoding == "utf-16" else facts


def _bom(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    return None
