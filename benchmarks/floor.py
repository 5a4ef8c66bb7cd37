"""The floor: one bare DuckDB statement per delivered file that parses it into a table, nothing else.

Belongs here: what an engine alone needs to read the same bytes. It checks nothing and keeps nothing,
so no real ingest can be as fast; figures are given as ratios to it.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from orchestration.contracts.model import Contract, Kind
from orchestration.ingest.decode import inspect


@contextmanager
def unpacked(landing: Path, source: str) -> Iterator[list[Path]]:
    """The newest delivery's files of a source, taken out of their archives (not timed)."""
    newest = max((landing / source).iterdir())
    with tempfile.TemporaryDirectory(dir=landing.parent) as folder:
        files: list[Path] = []
        for path in sorted(newest.iterdir()):
            target = Path(folder)
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for number, member in enumerate(archive.infolist()):
                        files.append(target / f"{number}.txt")
                        with archive.open(member) as source_file, files[-1].open("wb") as out:
                            shutil.copyfileobj(source_file, out, 1 << 20)
            elif path.suffix == ".gz":
                files.append(target / f"{path.stem}.txt")
                with gzip.open(path) as zipped, files[-1].open("wb") as out:
                    shutil.copyfileobj(zipped, out, 1 << 20)
            else:
                files.append(path)
        yield files


def seconds(landing: Path, contract: Contract, threads: int) -> float:
    """How long DuckDB alone takes to parse the newest delivery of a voter or history source."""
    import duckdb

    with unpacked(landing, contract.id) as files, tempfile.TemporaryDirectory(dir=landing.parent) as folder:
        encodings = {path: "latin-1" if not inspect(path).ascii else "utf-8" for path in files}
        with duckdb.connect(str(Path(folder) / "floor.duckdb"), config={"threads": str(threads)}) as con:
            started = perf_counter()
            for number, path in enumerate(files):
                reader = next(t.reader for t in contract.tables if t.reader is not None)
                options = [
                    f"delim = '{reader.delimiter}'",
                    f"quote = '{reader.quote or ''}'",
                    f"escape = '{reader.quote or ''}'",
                    f"header = {str(reader.header).lower()}",
                    "all_varchar = true",
                    f"encoding = '{encodings[path]}'",
                ]
                con.execute(f"create table t{number} as select * from read_csv(?, {', '.join(options)})", [str(path)])
            return perf_counter() - started


def sources(contracts: dict[str, Contract]) -> list[Contract]:
    """The sources that are read person by person: the ones whose size grows with the electorate."""
    return [c for c in contracts.values() if c.kind is Kind.VOTERS or c.id.endswith("_history")]
