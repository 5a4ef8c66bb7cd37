"""Everything written from contracts and universes and checked in: sources, dictionary, law page, universe models.

Belongs here: which files are derived, and writing them. A test compares them with what the contracts say
today. Run ``python -m orchestration.contracts.derive`` after changing a contract.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from orchestration.contracts.dictionary import dictionary
from orchestration.contracts.load import ROOT, load_contracts, validate_standard
from orchestration.contracts.model import Contract, Table
from orchestration.contracts.shape import OPT_OUT_COLUMNS, OPT_OUTS, PROVENANCE, SPANS, has_versions, stored_columns

PUBLISHED = "published"
SOURCES = Path("dbt_project/models/sources.yml")
DICTIONARY = Path("docs/data-dictionary.md")
COMPLIANCE = Path("docs/compliance.md")


def derived_files(root: Path = ROOT) -> dict[Path, str]:
    """Path below the project root and text of every derived file."""
    from orchestration.compliance.page import page
    from orchestration.outreach.compiled import universe_models
    from orchestration.outreach.universes import FILE, load_universes

    contracts = load_contracts(root)
    return {
        SOURCES: dbt_sources(contracts),
        DICTIONARY: dictionary(contracts),
        COMPLIANCE: page(),
        **universe_models(load_universes(root.parent / FILE, contracts)),
    }


def write_derived(root: Path = ROOT) -> list[Path]:
    """Validate every contract against the standard, write the derived files; returns those that changed."""
    project = root.parent
    for path in sorted(root.rglob("*.odcs.yaml")):
        validate_standard(path)
    changed = []
    for relative, content in derived_files(root).items():
        path = project / relative
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            changed.append(path)
    return changed


def dbt_sources(contracts: Mapping[str, Contract]) -> str:
    """The dbt source ``accepted``: every accepted table with its columns, meaning and PII family."""
    lines = [
        "# Written from data_contracts/ by `python -m orchestration.contracts.derive`; do not edit.",
        "version: 2",
        "",
        "sources:",
        "  - name: accepted",
        "    schema: accepted",
        "    description: Accepted rows of every source, all columns text, one view per delivered table.",
        "    tables:",
    ]
    for contract in contracts.values():
        if contract.domain != PUBLISHED:
            for table in contract.tables:
                lines += _source_table(contract, table)
    return "\n".join([*lines, *_opt_outs_table(contracts)]) + "\n"


def _opt_outs_table(contracts: Mapping[str, Contract]) -> list[str]:
    """The one accepted table that is made of many sources; whatever it is used for, it only takes people out."""
    speaking = [c.id for c in contracts.values() if any(t.opt_outs for t in c.tables)]
    said = "Every opt-out ever accepted, from every delivery of every source that carries any"
    lines = [
        f"      - name: {OPT_OUTS}",
        f"        description: {_text(f'{said}. Grain: one row per line that says so.')}",
        "        config:",
        "          meta:",
        f"            contracts: [{', '.join(speaking)}]",
        "            permitted_use: [analysis, voter_contact, fundraising, volunteer_recruitment, "
        "aggregate_publication]",
        "        columns:",
    ]
    for name, kind, meaning, pii in OPT_OUT_COLUMNS:
        lines += _source_column(name, kind, meaning, pii)
    return lines


def _source_table(contract: Contract, table: Table) -> list[str]:
    lines = [
        f"      - name: {table.name}",
        f"        description: {_text(f'{table.description} Grain: {table.grain}.')}",
        "        config:",
        "          meta:",
        f"            contract: {contract.id}",
        f"            permitted_use: [{', '.join(contract.permitted_use)}]",
        "        columns:",
    ]
    for column in stored_columns(table):
        lines += _source_column(column.name, "varchar", column.description, column.pii.value)
    for name, kind, meaning in [*PROVENANCE, *(SPANS if has_versions(contract, table) else ())]:
        lines += _source_column(name, kind, meaning, "none")
    return lines


def _source_column(name: str, kind: str, description: str, pii: str) -> list[str]:
    return [
        f"          - name: {name}",
        f"            data_type: {kind}",
        f"            description: {_text(description)}",
        "            config:",
        "              meta:",
        f"                pii: {pii}",
    ]


def _text(value: str) -> str:
    """A YAML scalar on one line; JSON strings are YAML."""
    return json.dumps(" ".join(value.split()), ensure_ascii=False)


if __name__ == "__main__":
    for changed_path in write_derived():
        print(changed_path)
