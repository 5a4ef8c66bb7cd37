"""One small world, built once by dbt, that the goal tests look at."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from goals_ledger import Ledger, build


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Two states, some four thousand voters, every model, data test and unit test run."""
    return build(tmp_path_factory.mktemp("goals"))


@pytest.fixture
def warehouse(ledger: Ledger) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built database; whatever a test changes is rolled back."""
    with duckdb.connect(str(ledger.database)) as con:
        con.execute("begin")
        yield con
        con.execute("rollback")
