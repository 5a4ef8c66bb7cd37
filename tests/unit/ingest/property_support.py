"""How properties are run, and one file parsed without ledger and gate.

Each property is run twice over: a few derandomized examples in every test run, and eighty drawn by
``WINNUMBER_FAULT_SEED`` under the marker ``faults``, whose failure names the seed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from orchestration.contracts.model import Contract
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.ingest.decode import inspect
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.members import Member, ParsedTable
from orchestration.ingest.parse import read_members
from orchestration.ingest.rules import apply_rules
from orchestration.ingest.small import is_small, read_small

SEED = int(os.environ.get("WINNUMBER_FAULT_SEED", "1"))
_CALM = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
FEW = settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=_CALM)
MANY = settings(max_examples=80, deadline=None, database=None, suppress_health_check=_CALM, print_blob=True)


def property_of(**drawn: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make of a test a property over ``drawn``, and beside it the same at length, marked ``faults``."""

    def decorate(body: Callable[..., None]) -> Callable[..., None]:
        @wraps(body)
        def told(**values: Any) -> None:
            try:
                body(**values)
            except BaseException as error:
                error.add_note(f"{body.__name__}; WINNUMBER_FAULT_SEED={SEED}")
                raise

        few, many = FEW(given(**drawn)(told)), seed(SEED)(MANY(given(**drawn)(told)))
        many.__name__ = f"{body.__name__}_at_length"
        body.__globals__[many.__name__] = pytest.mark.faults(many)
        return few

    return decorate


@dataclass(frozen=True)
class Taken:
    """One file as parsed: its accepted rows with their line numbers, and the lines set aside."""

    parsed: ParsedTable
    rows: list[tuple[Any, ...]]
    quarantined: list[tuple[int, str, str]]

    @property
    def values(self) -> list[tuple[Any, ...]]:
        """The accepted rows without their lines, in an order of their own."""
        return sorted((row[:-1] for row in self.rows), key=repr)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": "1"})


@contextmanager
def parsing(contract: Contract) -> Iterator[Callable[..., Taken]]:
    """A function that parses files (name to bytes) of the first table of ``contract``, or hands back the refusal."""
    con = _connection()
    with tempfile.TemporaryDirectory() as folder:
        count = iter(range(10_000))

        def parse(files: dict[str, bytes], unique: bool = False) -> Taken | DeliveryRefused:
            work = Path(folder) / str(next(count))
            work.mkdir()
            try:
                return _parse(con, contract, files, work, unique)
            except DeliveryRefused as refusal:
                return refusal

        yield parse


def _parse(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: dict[str, bytes], work: Path, unique: bool
) -> Taken:
    table = contract.tables[0]
    members = []
    for i, (name, content) in enumerate(sorted(files.items())):
        path = work / f"in{i}"
        path.write_bytes(content)
        members.append(Member(name, path, "", len(content), inspect(path), name, ""))
    target, delivery = work / "rows.parquet", ("tiny_voters/2026-09-01/x", date(2026, 9, 1))
    if is_small(contract, table):
        parsed = read_small(table, members, delivery, target)
    else:
        parsed = read_members(con, table, members, delivery, target, work)
    apply_rules(con, table, parsed, members, unique_key=unique)
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    rows = con.execute(
        f"select {names}, file_row_number from read_parquet('{target}', file_row_number = true)"
    ).fetchall()
    quarantined = [(q.line, q.reason, q.raw) for q in parsed.quarantined]
    return Taken(parsed, rows, sorted(quarantined))


def pass_all(files: object, checks: list[Check]) -> list[CheckResult]:
    """A gate that lets everything through: the properties here are those of what comes before it."""
    return [CheckResult(c.check_id, c.table, Status.PASS, Severity.ERROR, 1, 0, "", "", "") for c in checks]


def fingerprint(con: duckdb.DuckDBPyConnection, select: str) -> tuple[int, int]:
    """Rows and an order-independent hash of a relation without its provenance."""
    # A sum, not an exclusive or: two equal rows must not cancel each other out.
    row = con.execute(
        "select count(*), coalesce(sum(hash(r)::hugeint), 0) from (select columns(c -> c not in"
        f" ('source_file', 'line_number')) from ({select})) r"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
