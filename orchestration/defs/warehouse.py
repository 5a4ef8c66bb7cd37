"""The warehouse under construction: its inputs, the dbt models in two runs, the fits between them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, dbt_assets

from orchestration import refresh, transform
from orchestration.contracts.model import Contract
from orchestration.contracts.shape import OPT_OUTS
from orchestration.defs import keys
from orchestration.defs.metadata import goals_pictures
from orchestration.defs.resources import Refresh
from orchestration.faults import fault_point
from orchestration.progress import timed
from orchestration.transform import Shape, table_shapes

_FOLDER_GROUPS = {
    "staging": keys.STAGING,
    "intermediate": keys.INTERMEDIATE,
    "marts": keys.MARTS,
}
GOALS = "district_vote_goals"


class Translator(DagsterDbtTranslator):
    """How dbt's nodes appear: keys, groups, owners, and what staging waits for."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_source_tests_as_checks=False, enable_duplicate_source_asset_keys=True
            )
        )
        self._source_of = {table.name: c.id for c in contracts.values() for table in c.tables}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are the assets that make them; models go by layer, source and table."""
        name = str(dbt_resource_props["name"])
        if dbt_resource_props["resource_type"] == "source":
            schema = dbt_resource_props["source_name"]
            if schema == "accepted" and name == OPT_OUTS:
                return keys.OPT_OUTS
            if schema == "accepted":
                return keys.accepted(self._source_of[name], name)
            return keys.model(name) if schema == "models" else keys.config(name)
        folders = list(dbt_resource_props["fqn"])[1:-1]
        return keys.dbt(name, folders, str(dbt_resource_props["resource_type"]))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer, numbered; seeds and scores stand with what uses them."""
        fqn = list(dbt_resource_props["fqn"])
        if dbt_resource_props["resource_type"] == "seed":
            return keys.STAGING
        if "scores" in fqn[1:-1]:
            return keys.MODELS
        return _FOLDER_GROUPS.get(fqn[1], keys.MARTS)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """Owners; and nothing of dbt's starts before the warehouse under construction is open."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id, {})
        deps = list(spec.deps)
        if node.get("resource_type") in ("model", "seed"):
            opened = keys.config("campaign")
            if all(dep.asset_key != opened for dep in deps):
                deps.append(dg.AssetDep(opened))
        return spec.replace_attributes(owners=keys.OWNERS, deps=deps, kinds={"dbt", "duckdb"})


def build_inputs(contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    """Open the warehouse under construction once every delivery is decided."""
    described = {
        "campaign": "Whose campaign this is, the date, the target share and the release being made.",
        "contest_rules": "The seats that are fought, from winnumber.toml.",
        "thresholds": "Who is in which pool, each with its reason.",
        "field_rules": "What it takes to place staff, each with its reason.",
        "support_questions": "Which survey questions ask for support.",
        "comparable_elections": "Which past elections inform turnout, support and roll-off.",
        "deliveries_in_use": "Which delivery of each source this release is made from.",
        "person_key": "The key under which people get their ids; never shown.",
        "permitted_uses": "What each source may be used for, from its contract.",
        "committees": "The campaign's own committees, which money is raised for.",
        "deployments": "The exports on the record: universe, channel, counts.",
        "deployment_members": "Who was in which export, or held out of it.",
    }

    made = {keys.config(table): described[table] for table in keys.CONFIG_TABLES}
    made[keys.OPT_OUTS] = "Who wants no more of it, from every delivery of every source that was ever accepted."

    @dg.multi_asset(
        name="open_build",
        specs=[
            dg.AssetSpec(
                key,
                deps=[keys.accepted(c.id, t.name) for c in contracts.values() for t in c.tables],
                group_name=keys.DELIVERIES,
                owners=keys.OWNERS,
                kinds={"duckdb"},
                description=description,
            )
            for key, description in made.items()
        ],
    )
    def open_build(winnumber: Refresh) -> Iterator[dg.MaterializeResult[Any]]:
        build = refresh.open_build(winnumber.run)
        metadata = {"inputs": build.inputs_hash, "data as of": build.data_as_of.isoformat()}
        for key in made:
            yield dg.MaterializeResult(key, metadata=metadata)

    return open_build


def _dbt_build(part: str, context: dg.AssetExecutionContext, winnumber: Refresh, dbt: DbtCliResource) -> Iterator[Any]:
    # Unit tests prove the code, not today's data; `make test` runs them.
    fault_point(f"dbt.{part}.before")
    invocation = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        raise_on_error=False,
        target_path=winnumber.run.folder / f"dbt_{part}",
    )
    with timed(f"dbt {part}") as step:
        events = list(invocation.stream())
        step.note = f"{sum(isinstance(e, dg.Output) for e in events)} models and seeds"
    # Counted here, in one connection that is closed again: dbt's own adapter would keep the file
    # open, and the next step writes it.
    shapes = table_shapes(winnumber.run.database)
    for event in events:
        if isinstance(event, dg.Output):
            event = _with_shape(event, invocation.manifest, shapes)
            if event.metadata["unique_id"].value == f"model.winnumber.{GOALS}":
                pictures = goals_pictures(winnumber.run.database, schema="marts")
                event = event.with_metadata({**event.metadata, **pictures})
        yield event
    fault_point(f"dbt.{part}.after")
    try:
        results = invocation.get_artifact("run_results.json")
    except FileNotFoundError:
        said = f"dbt ended without its results ({part}); look at the end of dbt.log in {invocation.target_path}"
        raise dg.Failure(description=said, allow_retries=False) from None
    refresh.keep_dbt_results(winnumber.run, part, results)
    if (error := invocation.get_error()) is not None:
        raise dg.Failure(description=str(error), allow_retries=False)


def _with_shape(
    event: "dg.Output[Any]", manifest: Mapping[str, Any], shapes: "Mapping[str, Shape]"
) -> "dg.Output[Any]":
    said = event.metadata["unique_id"].value
    node = manifest["nodes"][said]
    shape = shapes.get(f"{node['schema']}.{node['alias'] or node['name']}")
    if shape is None:
        return event
    described = {name: column.get("description") for name, column in node["columns"].items()}
    return event.with_metadata(
        {
            **event.metadata,
            **({} if shape.rows is None else {"dagster/row_count": shape.rows}),
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, type=kind, description=described.get(name)) for name, kind in shape.columns]
            ),
        }
    )


def _with_tests_attached(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest in which a test of several models is shown at the last of them, where it is run.

    Left alone, dagster-dbt shows no check for such a test unless its SQL names a model for the orchestrator, and
    none at all where its models are built in both runs. dbt itself reads its own manifest.
    """
    nodes, parents, children = manifest["nodes"], manifest["parent_map"], manifest["child_map"]

    @cache
    def above(unique_id: str) -> frozenset[str]:
        direct = frozenset(parents.get(unique_id, ()))
        return direct.union(*(above(parent) for parent in direct))

    first_run = {i for i, node in nodes.items() if "features" in node.get("tags", ())}
    first_run |= {i for unique_id in first_run for i in above(unique_id)}
    for unique_id, node in nodes.items():
        tested = [p for p in parents.get(unique_id, ()) if p.startswith("model.")]
        if node["resource_type"] != "test" or node.get("attached_node") or not tested:
            continue
        last = max(tested, key=lambda p: (p not in first_run, len(above(p)), p))
        node["config"].setdefault("meta", {}).setdefault("dagster", {}).setdefault("ref", {"name": nodes[last]["name"]})
        if last not in first_run:
            for other in first_run.intersection(parents[unique_id]):
                children[other].remove(unique_id)
            node["depends_on"]["nodes"] = [p for p in node["depends_on"]["nodes"] if p not in first_run]
            parents[unique_id] = [p for p in parents[unique_id] if p not in first_run]
    return manifest


def dbt_parts(path: Path, contracts: Mapping[str, Contract]) -> list[dg.AssetsDefinition]:
    """The dbt project in two runs: up to what the fits read, and the rest."""
    translator = Translator(contracts)
    manifest = _with_tests_attached(json.loads(path.read_text(encoding="utf-8")))

    @dbt_assets(manifest=manifest, select=transform.FEATURES, dagster_dbt_translator=translator, name="dbt_features")
    def dbt_features(context: dg.AssetExecutionContext, winnumber: Refresh, dbt: DbtCliResource) -> Iterator[Any]:
        yield from _dbt_build("features", context, winnumber, dbt)

    @dbt_assets(manifest=manifest, exclude=transform.FEATURES, dagster_dbt_translator=translator, name="dbt_goals")
    def dbt_goals(context: dg.AssetExecutionContext, winnumber: Refresh, dbt: DbtCliResource) -> Iterator[Any]:
        yield from _dbt_build("goals", context, winnumber, dbt)

    return [dbt_features, dbt_goals]


def fitted_models(features: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Turnout, support and who is who: fitted when what they depend on changed, otherwise found again."""
    described = {
        "turnout_points": "Turnout scorecard: points of each bin of vote history, age, household and more.",
        "support_points": "Support scorecard: points of party, household, age and sex.",
        "support_areas": "Shift of each precinct and county, calibrated to certified results to the vote.",
        "projection_errors": "Sizes of the errors that projections share, learned from past elections.",
        "backtest_results": "Past elections projected with only what came before, beside the naive rules.",
        "state_outlook": "Each state in the next presidential election.",
        "identity_weights": "How much each outcome of comparing a record with a voter says.",
        "identity_links": "Which voter, if any, each record of the campaign's own feeds is.",
        "model_cards": "What each model version is: target, data, metrics, limits.",
    }

    @dg.multi_asset(
        name="fit_models",
        specs=[
            dg.AssetSpec(
                keys.model(table),
                deps=sorted(features.keys, key=str),
                group_name=keys.MODELS,
                owners=keys.OWNERS,
                kinds={"python", "parquet"},
                description=described[table],
            )
            for table in keys.MODEL_TABLES
        ],
    )
    def fit_models(winnumber: Refresh) -> Iterator[dg.MaterializeResult[Any]]:
        versions = refresh.fit(winnumber.run)
        for table in keys.MODEL_TABLES:
            yield dg.MaterializeResult(keys.model(table), metadata={v.name: v.version for v in versions})

    return fit_models
