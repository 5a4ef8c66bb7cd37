"""Asset keys, groups and owners: names that people see, in one place.

Keys are ``[layer, source, table]``. Groups are numbered so that they read as the way of the data.
"""

from __future__ import annotations

from dagster import AssetKey

OWNERS = ["team:data-engineering"]

LANDING = "1_landing"
DELIVERIES = "2_deliveries"
STAGING = "3_staging"
INTERMEDIATE = "4_intermediate"
MODELS = "5_models"
MARTS = "6_marts"
RELEASE = "7_release"


def landing(source: str) -> AssetKey:
    """The files of a source as they were dropped."""
    return AssetKey(["landing", source])


def accepted(source: str, table: str) -> AssetKey:
    """The accepted rows of one table of a source."""
    return AssetKey(["accepted", source, table])


def config(table: str) -> AssetKey:
    """A table of the campaign's choices in the warehouse under construction."""
    return AssetKey(["config", "campaign", table])


def model(table: str) -> AssetKey:
    """A lookup table written by a fit."""
    return AssetKey(["models", "fitted", table])


def dbt(name: str, folders: list[str], resource_type: str) -> AssetKey:
    """``stg_nc__voters`` -> staging/nc/voters; a mart -> marts/<team>/<table>; a seed -> seeds/dbt/<name>."""
    if resource_type == "seed":
        return AssetKey(["seeds", "dbt", name])
    layer = folders[0] if folders else "marts"
    if layer in ("staging", "intermediate"):
        source, _, table = name.split("_", 1)[1].partition("__")
        return AssetKey([layer, source, table])
    return AssetKey(["marts", folders[1] if len(folders) > 1 else "everyone", name])


OPT_OUTS = AssetKey(["accepted", "all_sources", "opt_outs"])
CANDIDATE = AssetKey(["release", "candidate", "sealed"])
GATE = AssetKey(["release", "candidate", "gate_record"])
CURRENT = AssetKey(["release", "current", "warehouse"])
CONFIG_TABLES = (
    "campaign",
    "contest_rules",
    "thresholds",
    "field_rules",
    "support_questions",
    "comparable_elections",
    "deliveries_in_use",
    "person_key",
    "permitted_uses",
    "committees",
    "deployments",
    "deployment_members",
)
MODEL_TABLES = (
    "turnout_points",
    "support_points",
    "support_areas",
    "projection_errors",
    "backtest_results",
    "state_outlook",
    "identity_weights",
    "identity_links",
    "model_cards",
)
