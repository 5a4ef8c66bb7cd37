"""One multi-asset per delivered file kind, made from its contract: nothing here knows a state.

A landed file is an external asset; its accepted tables are what a refresh materialises. Each rule
of the contract is a check of its own, so that a person sees which one failed and by how much.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration import refresh
from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.model import Contract, Table
from orchestration.defs import keys
from orchestration.defs.metadata import column_schema
from orchestration.defs.resources import Refresh

if TYPE_CHECKING:
    from orchestration.gates.checks import Check, CheckResult
    from orchestration.ingest.run import DeliveryOutcome


def landing_spec(contract: Contract) -> dg.AssetSpec:
    """The files of a source as people, SFTP or ``fetch`` drop them."""
    return dg.AssetSpec(
        keys.landing(contract.id),
        group_name=keys.LANDING,
        owners=keys.OWNERS,
        kinds={"file"},
        description=f"{contract.name}, as received in landing/{contract.id}/<date>/. Sender: {contract.sender}.",
        metadata={
            "sender": contract.sender,
            "permitted use": ", ".join(contract.permitted_use),
            **({"download": dg.MetadataValue.url(contract.url)} if contract.url else {}),
        },
    )


def _table_spec(contract: Contract, table: Table) -> dg.AssetSpec:
    fresh = contract.fresh_within_days
    return dg.AssetSpec(
        keys.accepted(contract.id, table.name),
        deps=[keys.landing(contract.id)],
        group_name=keys.DELIVERIES,
        owners=keys.OWNERS,
        kinds={"parquet", "duckdb"},
        description=f"{table.description} One row is {table.grain}.",
        freshness_policy=(dg.FreshnessPolicy.time_window(fail_window=timedelta(days=fresh)) if fresh else None),
        metadata={
            "dagster/column_schema": column_schema(table.columns),
            "contract": f"{contract.id} {contract.version}",
            "licence": contract.licence,
        },
    )


def check_name(check_id: str) -> str:
    """A check's id as Dagster shows it (no dots allowed)."""
    return check_id.rsplit(".", 1)[-1]


def _check_spec(contract: Contract, check: "Check") -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check_name(check.check_id),
        asset=keys.accepted(contract.id, check.table.rsplit(".", 1)[-1]),
        description=check.reason,
        blocking=check.severity.value == "error",
        metadata={"kind": check.kind, "owner": check.owner},
    )


def check_result(result: "CheckResult", asset_key: dg.AssetKey) -> dg.AssetCheckResult:
    """A gate's result as Dagster shows it: counts, never values."""
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=check_name(result.check_id),
        passed=result.status.value == "pass",
        severity=(dg.AssetCheckSeverity.ERROR if result.severity.value == "error" else dg.AssetCheckSeverity.WARN),
        description=result.message or None,
        metadata={
            "status": result.status.value,
            "rows evaluated": result.evaluated,
            "rows unexpected": result.unexpected,
            "observed": result.observed,
            "expected": result.expected,
        },
    )


def source_assets(contract: Contract) -> dg.AssetsDefinition:
    """The assets and checks of one contract."""
    checks = delivery_checks(contract)

    @dg.multi_asset(
        name=f"ingest_{contract.id}",
        specs=[_table_spec(contract, table) for table in contract.tables],
        check_specs=[_check_spec(contract, check) for check in checks],
        # A source without any delivery has nothing to check; only so may a check stay silent.
        can_subset=True,
    )
    def ingest(context: dg.AssetExecutionContext, winnumber: Refresh) -> Iterator[Any]:
        outcomes = refresh.ingest(winnumber.run, contract)
        for outcome in outcomes:
            context.log_event(_observation(contract, outcome))
        state = refresh.in_use(winnumber.run, contract)
        for table in contract.tables:
            yield dg.MaterializeResult(keys.accepted(contract.id, table.name), metadata=_table_metadata(state, table))
        for result in refresh.newest_results(winnumber.run, contract):
            yield check_result(result, keys.accepted(contract.id, result.table.rsplit(".", 1)[-1]))
        refused = [o for o in outcomes if o.status == "refused"]
        if refused and contract.on_refusal != "hold_last_good":
            raise dg.Failure(
                description="; ".join(str(o.cause) for o in refused),
                metadata={"last good delivery": _last_good(state)},
                allow_retries=False,
            )

    return ingest


def _observation(contract: Contract, outcome: "DeliveryOutcome") -> dg.AssetObservation:
    return dg.AssetObservation(
        keys.landing(contract.id),
        metadata={
            "delivery": outcome.delivery_id,
            "status": outcome.status,
            "lines received": outcome.lines,
            "rows accepted": outcome.accepted,
            "rows quarantined": outcome.quarantined,
            "cause": outcome.cause or "",
        },
    )


def _table_metadata(state: list[dict[str, Any]], table: Table) -> dict[str, Any]:
    if not state:
        return {"dagster/row_count": 0, "delivery": "none accepted yet"}
    newest = max(state, key=lambda d: d["snapshot_date"])
    return {
        "dagster/row_count": sum(d["table_rows"].get(table.name, 0) for d in state),
        "delivery": newest["delivery_id"],
        "snapshot date": newest["snapshot_date"].isoformat(),
        "deliveries in use": len(state),
        "lines received": sum(d["lines_received"] for d in state),
        "rows quarantined": sum(d["rows_quarantined"] for d in state),
    }


def _last_good(state: list[dict[str, Any]]) -> str:
    return max((d["delivery_id"] for d in state), default="none")
