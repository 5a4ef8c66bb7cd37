"""Evaluate checks with Great Expectations, inside DuckDB: no row ever leaves the database.

The only module that imports great_expectations, and only inside functions: the import takes seconds.
Belongs here: turning checks into expectations, running them on a file opened read-only, and turning
GX's results into ours. Does not belong here: which checks exist, or what a failed one means.

What GX lets through is caught here (all of it reproduced): an empty table, an all-null column and an
expectation that never ran do not pass. What GX would show is withheld: results carry counts, and of an
exception only its kind, because DuckDB quotes the offending value in conversion errors.
"""

from __future__ import annotations

import importlib
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration.gates.checks import Check, CheckResult, Severity, Status, refuse_duplicates
from orchestration.gates.counting import counting_query, is_counted
from orchestration.sqltext import qualified
from orchestration.withhold import exception_text, public_cause

# Counts and percentages only; the default keeps 20 sample values.
_RESULT_FORMAT: dict[str, object] = {"result_format": "BASIC", "partial_unexpected_count": 0}
_ROWS = "rows"  # meta key of the row count that every checked table gets


def run_checks(database: Path, checks: Sequence[Check], attach: Mapping[str, Path] | None = None) -> list[CheckResult]:
    """Evaluate `checks` on a DuckDB file, in the order given; one result per check.

    database: the file, opened read-only. attach: alias -> further files, read-only, for checks that name
    'alias.schema.table'. Once they are open the connection can reach no other file.

    Raises ValueError for a check id used twice, FileNotFoundError for a missing file.
    """
    files = {"the audited file": database, **(attach or {})}
    return _run(checks, files, database=database.resolve(), attach=dict(attach or {}))


def run_checks_on_parquet(files: Mapping[str, Path], checks: Sequence[Check]) -> list[CheckResult]:
    """The same on Parquet files, for a delivery's accepted rows: 'schema.table' -> its file.

    Raises ValueError for a check id used twice, FileNotFoundError for a missing file.
    """
    return _run(checks, files, database=None, parquet={table: path.resolve() for table, path in files.items()})


def _run(checks: Sequence[Check], files: Mapping[str, Path], **opening: Any) -> list[CheckResult]:
    refuse_duplicates(checks)
    for name, path in files.items():
        if not path.is_file():
            raise FileNotFoundError(f"{path}: {name} does not exist; build it before its gate is run")
    if not checks:
        return []

    # Read only when Great Expectations is imported, so it must stand before the first import.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    from orchestration.gates import dialect

    token = uuid.uuid4().hex
    dialect.openings[token] = dialect.Opening(**opening)
    try:
        source = _data_source(f"{dialect.URL_PREFIX}{token}")
        try:
            results: dict[str, CheckResult] = {}
            for table in dict.fromkeys(check.table for check in checks):
                of_table = [check for check in checks if check.table == table]
                results.update(_run_table(source, table, of_table))
        finally:
            source.get_engine().dispose()
            source.get_execution_engine().close()
    finally:
        del dialect.openings[token]
    return [results[check.check_id] for check in checks]


def _module(name: str) -> Any:
    """Import a Great Expectations module now; untyped, since its stubs know neither dialects nor names."""
    return importlib.import_module(name)


def _data_source(url: str) -> Any:
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from sqlalchemy.pool import StaticPool

    context: Any = _module("great_expectations").get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_sql(
        "audited", connection_string=url, kwargs={"poolclass": StaticPool}, create_temp_table=False
    )


def _run_table(source: Any, table: str, checks: Sequence[Check]) -> dict[str, CheckResult]:
    try:
        batch = _batch(source, table)
    except Exception as error:  # any failure to open the table is each check's error, with its kind only
        cause = public_cause(f"{type(error).__name__}: {error}")
        return {check.check_id: _error(check, f"table {table} cannot be read: {cause}") for check in checks}

    gxe = _module("great_expectations.expectations")
    suite = _module("great_expectations").ExpectationSuite(name=f"checks of {table}")
    expectations = [gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={_ROWS: True})]
    results: dict[str, CheckResult] = {}
    for check in checks:
        try:
            expectations.append(_expectation(check))
        except Exception as error:
            results[check.check_id] = _error(check, f"not a usable expectation: {type(error).__name__}")
    # Set whole: add_expectation drops one that looks like another, and two checks may well be alike.
    suite.expectations = expectations
    outcome = batch.validate(suite, result_format=_RESULT_FORMAT)

    rows: int | None = None
    found: dict[str, Any] = {}
    for item in outcome.results:
        meta = item.expectation_config.meta or {}
        if meta.get(_ROWS):
            rows = item.result.get("observed_value")
        elif "check_id" in meta:
            found[meta["check_id"]] = item
    for check in checks:
        if check.check_id not in results:
            results[check.check_id] = _judge(check, found.get(check.check_id), rows)
    return results


def _batch(source: Any, table: str) -> Any:
    parts = table.split(".")
    name = f"asset {table}"
    if len(parts) == 2:
        asset = source.add_table_asset(name, schema_name=parts[0], table_name=parts[1])
        return asset.add_batch_definition_whole_table("whole").get_batch()
    # An attached file: reflection does not reach it, a query does.
    asset = source.add_query_asset(name, query=f"select * from {qualified(table)}")
    return asset.add_batch_definition_whole_table("whole").get_batch()


def _expectation(check: Check) -> Any:
    gxe = _module("great_expectations.expectations")
    meta = {"check_id": check.check_id}
    params = check.params
    if is_counted(check.kind):
        return _counted_rows()(unexpected_rows_query=counting_query(check), meta=meta)
    if check.kind == "row_count_between":
        return gxe.ExpectTableRowCountToBeBetween(min_value=params.get("min"), max_value=params.get("max"), meta=meta)
    if check.kind == "not_null":
        mostly = 1 - float(str(params.get("max_share", 0)))
        return gxe.ExpectColumnValuesToNotBeNull(column=check.text("column"), mostly=mostly, meta=meta)
    if check.kind == "in_set":
        return gxe.ExpectColumnValuesToBeInSet(column=check.text("column"), value_set=check.items("values"), meta=meta)
    if check.kind == "between":
        return gxe.ExpectColumnValuesToBeBetween(
            column=check.text("column"),
            min_value=_bound(params.get("min")),
            max_value=_bound(params.get("max")),
            meta=meta,
        )
    if check.kind == "column_set":
        return gxe.ExpectTableColumnsToMatchSet(column_set=check.items("columns"), exact_match=True, meta=meta)
    raise ValueError(f"check {check.check_id!r}: no expectation for kind {check.kind!r}")


def _bound(value: object) -> float | date | None:
    """Type a bound that a contract may spell as text: GX would compare '9' and '10' as text."""
    if value is None or isinstance(value, date):
        return value
    try:
        return float(str(value))
    except ValueError:
        text = str(value)
        return date.fromisoformat(text) if len(text) == len("2026-11-03") else datetime.fromisoformat(text)


@lru_cache(maxsize=1)
def _counted_rows() -> Any:
    """Make the expectation behind the counted kinds: GX's own query expectation, told to read counts."""
    parent: Any = _module("great_expectations.expectations").UnexpectedRowsExpectation

    class CountedRowsExpectation(parent):  # type: ignore[misc, unused-ignore]
        """Passes when the one-row counting query reports no unexpected row."""

        # Without the parent's second metric, which would run the query again only to count its one row.
        metric_dependencies = ("unexpected_rows_query.table",)

        def _validate(
            self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, object]:
            counts = {name: int(n) for name, n in metrics["unexpected_rows_query.table"][0].items()}
            return {"success": counts["unexpected"] == 0, "result": {"observed_value": counts}}

    return CountedRowsExpectation


def _judge(check: Check, item: Any, rows: int | None) -> CheckResult:
    if item is None:
        return _error(check, "Great Expectations returned no result for it")
    if exception := exception_text(item.exception_info):
        return _error(check, public_cause(exception))
    if rows is None:
        return _error(check, f"the rows of {check.table} could not be counted")
    try:
        evaluated, unexpected, observed = _counts(check, item, rows)
    except (KeyError, TypeError, ValueError) as error:
        return _error(check, f"the result has no counts ({type(error).__name__})")
    passed, message = bool(item.success), ""
    if rows == 0 and not check.params.get("allow_empty"):
        passed, message = False, f"{check.table} has no rows; an empty table passes nothing"
    elif rows > 0 and evaluated == 0 and not check.params.get("allow_all_null"):
        passed, message = False, f"nothing to check in {check.table}: every value is null"
    elif not passed:
        message = f"{check.table}: expected {_expected(check)}, found {observed}"
        if check.reason:
            message += f" ({check.reason})"
    failed = Status.WARN if check.severity is Severity.WARN else Status.FAIL
    return _result(check, Status.PASS if passed else failed, evaluated, unexpected, observed, message)


def _counts(check: Check, item: Any, rows: int) -> tuple[int, int, str]:
    result = item.result
    if check.kind == "row_count_between":
        return rows, 0 if item.success else 1, f"{rows} rows"
    if check.kind == "column_set":
        found = set(result["observed_value"])
        wanted = {str(column) for column in check.items("columns")}
        extra, missing = sorted(found - wanted), sorted(wanted - found)
        observed = f"{len(found)} columns"
        if extra or missing:
            observed += f", undeclared: {', '.join(extra) or 'none'}; missing: {', '.join(missing) or 'none'}"
        return len(found), len(extra) + len(missing), observed
    if is_counted(check.kind):
        counts = result["observed_value"]
        evaluated, unexpected = counts["evaluated"], counts["unexpected"]
        if check.kind == "share_between" and evaluated:
            return evaluated, unexpected, f"share {counts['hits'] / evaluated:.6f} of {evaluated} rows"
        return evaluated, unexpected, f"{unexpected} unexpected of {evaluated}"
    if rows == 0:  # GX then has no counts at all
        return 0, 0, "0 rows"
    unexpected = int(result["unexpected_count"])
    evaluated = int(result["element_count"]) - int(result.get("missing_count") or 0)
    return evaluated, unexpected, f"{unexpected} unexpected of {evaluated}"


def _expected(check: Check) -> str:
    params = check.params
    bounds = f"{params.get('min', 'any')} to {params.get('max', 'any')}"
    columns = ", ".join(str(c) for c in check.items("columns")) if "columns" in params else ""
    column = params.get("column", "")
    texts = {
        "row_count_between": f"{bounds} rows",
        "not_null": f"{column} never null"
        + (f" (at most a share of {params['max_share']})" if params.get("max_share") else ""),
        "unique": f"({columns}) unique",
        "in_set": f"{column} in its list of {len(check.items('values')) if 'values' in params else 0} values",
        "between": f"{column} from {bounds}",
        "matches": f"{column} matching {params.get('regex')}",
        "foreign_key": f"({columns}) found in {params.get('other_table')}",
        "expression": f"on every row: {params.get('sql')}",
        "sql_zero": "no row from its query",
        "share_between": f"share of {bounds}",
        "column_set": f"columns {columns}",
        "lineage": "an answer from whoever judged the lineage",
        "drift": "an answer from whoever profiled the build",
    }
    return texts[check.kind]


def _result(check: Check, status: Status, evaluated: int, unexpected: int, observed: str, message: str) -> CheckResult:
    return CheckResult(
        check_id=check.check_id,
        table=check.table,
        status=status,
        severity=check.severity,
        evaluated=evaluated,
        unexpected=unexpected,
        observed=observed,
        expected=_expected(check),
        message=message,
    )


def _error(check: Check, cause: str) -> CheckResult:
    return _result(check, Status.ERROR, 0, 0, "", f"could not be evaluated: {cause}")
