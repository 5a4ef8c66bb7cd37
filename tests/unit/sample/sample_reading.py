"""Reading a sample back: readers that know nothing of the writers."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.sample import SamplePlan, SampleReport

PLAN = SamplePlan(("NC", "OH", "FL", "VA", "PA"), 9_000, 2, 7)
DAYS = ("2026-09-01", "2026-09-02")


@dataclass(frozen=True)
class Sample:
    """The written sample and how to read its files."""

    landing: Path
    truth: Path
    report: SampleReport

    def folder(self, source: str, day: str = DAYS[0]) -> Path:
        """The folder of one delivery."""
        return self.landing / source / day

    def members(self, source: str, day: str = DAYS[0]) -> dict[str, bytes]:
        """The members of all the zips of a delivery, or its plain files."""
        found: dict[str, bytes] = {}
        for path in sorted(self.folder(source, day).iterdir()):
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    found |= {name: archive.read(name) for name in archive.namelist()}
            else:
                found[path.name] = path.read_bytes()
        return found

    def table(self, source: str, day: str = DAYS[0], encoding: str = "latin-1") -> list[dict[str, str]]:
        """The rows of a delivery of files with headers, trimmed."""
        rows: list[dict[str, str]] = []
        for data in self.members(source, day).values():
            text = data.decode(encoding)
            delimiter = "\t" if "\t" in text.splitlines()[0] else ","
            for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
                rows.append({name: (value or "").rstrip() for name, value in row.items() if name})
        return rows

    def records(self, source: str, pattern: str, day: str = DAYS[0], quoted: bool = False) -> list[list[str]]:
        """The records of headerless tab-delimited members whose name holds the pattern."""
        quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        return [
            row
            for name, data in self.members(source, day).items()
            if pattern in name
            for row in csv.reader(io.StringIO(data.decode(), newline=""), delimiter="\t", quoting=quoting)
        ]


def us_date(text: str) -> date:
    """MM/DD/YYYY."""
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))
