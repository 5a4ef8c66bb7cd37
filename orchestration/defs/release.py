"""Seal, gate, publish: three assets, and every check of the sealed candidate shown one by one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration import demands, refresh
from orchestration.defs import keys
from orchestration.defs.metadata import goals_pictures
from orchestration.defs.resources import Refresh
from orchestration.defs.sources import check_result


def _gate_check_name(check_id: str) -> str:
    return check_id.replace(".", "__")


def release_assets(marts: list[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The sealed candidate, its gate record, and the release that readers follow."""
    checks = demands.candidate_checks()

    @dg.asset(
        key=keys.CANDIDATE,
        deps=marts,
        group_name=keys.RELEASE,
        owners=keys.OWNERS,
        kinds={"duckdb"},
        description="The published tables copied into files of their own, checkpointed and fingerprinted.",
    )
    def sealed_candidate(winnumber: Refresh) -> dg.MaterializeResult[Any]:
        sealed = refresh.seal(winnumber.run)
        return dg.MaterializeResult(metadata={**sealed.content})

    @dg.multi_asset(
        name="gate",
        specs=[
            dg.AssetSpec(
                keys.GATE,
                deps=[keys.CANDIDATE],
                group_name=keys.RELEASE,
                owners=keys.OWNERS,
                kinds={"greatexpectations"},
                description="Every check of the sealed files, bound to their fingerprint; publishing needs it green.",
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                _gate_check_name(check.check_id),
                asset=keys.GATE,
                description=check.reason,
                blocking=check.severity.value == "error",
                metadata={"table": check.table, "kind": check.kind, "owner": check.owner},
            )
            for check in checks
        ],
    )
    def gate(winnumber: Refresh) -> Iterator[Any]:
        record = refresh.audit(winnumber.run)
        page = refresh.write_page(winnumber.run)
        yield dg.MaterializeResult(
            keys.GATE,
            metadata={
                "verdict": "green" if record.verdict.green else "refused",
                "checks evaluated": len(record.results),
                "dbt tests": len(record.dbt_tests),
                "causes": "; ".join(record.verdict.causes) or "none",
                **({"report": dg.MetadataValue.url(page.as_uri())} if page else {}),
                "drift": dg.MetadataValue.md(refresh.out_of_band(winnumber.run)),
            },
        )
        for result in record.results:
            shown = check_result(result, keys.GATE)
            yield shown._replace(check_name=_gate_check_name(result.check_id))

    @dg.asset(
        key=keys.CURRENT,
        deps=[keys.GATE],
        group_name=keys.RELEASE,
        owners=keys.OWNERS,
        kinds={"duckdb"},
        description="The release that readers follow. Refuses by itself anything without a green gate record.",
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=timedelta(hours=36), warn_window=timedelta(hours=27)
        ),
    )
    def current_release(winnumber: Refresh) -> dg.MaterializeResult[Any]:
        release = refresh.publish(winnumber.run)
        return dg.MaterializeResult(
            metadata={
                "release": release.release_id,
                "status": release.status,
                "warehouse": dg.MetadataValue.path(str(release.path / "warehouse.duckdb")),
                **goals_pictures(release.path / "warehouse.duckdb"),
            }
        )

    return [sealed_candidate, gate, current_release]
