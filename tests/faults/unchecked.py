"""Run the refresh's job in this process with every check of dbt deselected, as somebody in a hurry may do in the UI."""

from __future__ import annotations

import dagster as dg

from orchestration import settings as config
from orchestration.cli.job import dagster_home

IN_A_HURRY = "in_a_hurry"


def main() -> None:
    """Run everything but dbt's data tests, once. Prints what it came to."""
    dagster_home(config.load())
    from orchestration.definitions import defs

    built = [
        asset.keys for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) and _is_dbt(asset)
    ]  # fmt: skip
    of_dbt = dg.AssetSelection.assets(*frozenset().union(*built))
    selection = (dg.AssetSelection.all() - of_dbt) | of_dbt.without_checks()
    job = dg.define_asset_job(IN_A_HURRY, selection=selection, executor_def=dg.in_process_executor)
    hurried = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def(IN_A_HURRY)
    with dg.DagsterInstance.get() as instance:
        result = hurried.execute_in_process(instance=instance, raise_on_error=False)
    print("success" if result.success else "failure")
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        print(event.step_key, (error.cause or error).message if error else "")


def _is_dbt(asset: dg.AssetsDefinition) -> bool:
    return asset.node_def.name.startswith("dbt_")


if __name__ == "__main__":
    main()
