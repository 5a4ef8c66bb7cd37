"""Put the definitions together. Nothing here touches the network; dbt is parsed only when it changed."""

from __future__ import annotations

import json
import logging
import os

import dagster as dg

from orchestration import demands, transform
from orchestration import settings as config
from orchestration.defs import automation, keys, release, sources, warehouse
from orchestration.defs.resources import Refresh, dbt_resource


def definitions() -> dg.Definitions:
    """Every asset, check, job, schedule and sensor of the project."""
    settings = config.load()
    os.environ.update(transform.environment(settings))
    # A source that never delivered has no check results, and the engine warns of each at length.
    # Nothing passes by that: the gate of the candidate decides, and publish refuses by itself.
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    contracts = demands.delivered()
    manifest = transform.manifest(settings)
    features, goals = warehouse.dbt_parts(manifest, contracts)
    published = set(demands.published())
    nodes = json.loads(manifest.read_text())["nodes"].values()
    marts = [
        keys.dbt(node["name"], node["fqn"][1:-1], "model")
        for node in nodes
        if node["resource_type"] == "model" and node["name"] in published
    ]
    job = automation.refresh_job()
    return dg.Definitions(
        assets=[
            *(sources.landing_spec(c) for c in contracts.values()),
            *(sources.source_assets(c) for c in contracts.values()),
            warehouse.build_inputs(contracts),
            features,
            warehouse.fitted_models(features),
            goals,
            *release.release_assets(marts),
        ],
        jobs=[job],
        schedules=[automation.daily_schedule(settings, job)],
        sensors=[
            automation.file_drop_sensor(job),
            automation.interruption_sensor(),
            automation.failure_sensor(job),
            automation.deadline_sensor(),
        ],
        resources={"winnumber": Refresh(), "dbt": dbt_resource(settings)},
    )
