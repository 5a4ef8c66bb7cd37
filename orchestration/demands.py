"""What every candidate must stand, found out from the project's own files and the home's ledger.

Belongs here: collecting the demands: the suite from contracts, scan, law and drift; dbt's data tests by name; the files
of a release; the hashes of code and settings; the overrides on record. Does not belong here: evaluating anything
(``gates``), the order of a refresh (``refresh``).

Gate and publishing both ask here. Publishing asks by itself, so that no caller can ask for less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import settings as config
from orchestration import transform
from orchestration.contracts.checks import published_checks
from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract

if TYPE_CHECKING:
    from orchestration.gates.checks import Check
    from orchestration.gates.demanded import Demanded
    from orchestration.gates.record import Override, RequiredTest

PUBLISHED = "published"


def demanded(home: Path) -> Demanded:
    """Everything that is demanded of a candidate of this home, as of now.

    Raises what reading settings, contracts and the dbt project raises when one of them is at fault.
    """
    from orchestration.gates.demanded import Demanded
    from orchestration.ingest.reconcile import names

    settings = config.load(home)
    return Demanded(
        checks=candidate_checks(),
        dbt_tests=dbt_tests(settings),
        reconciled=names(delivered()),
        files={name: tuple(c.id for c in contracts) for name, contracts in files().items()},
        code_hash=transform.code_hash(),
        config_hash=config_hash(settings),
        overrides=overrides(home),
        audiences=settings.audiences,
        encrypted=settings.operations.encryption != "none",
    )


def refuse_unready(settings: config.Settings) -> None:
    """Find out before any work is done whether its result can be published as the settings say.

    Raises AudienceError when a group cannot be given its file, EncryptionError when files cannot be encrypted.
    """
    from orchestration.publish import encryption
    from orchestration.publish.teams import group_ids

    group_ids(settings.audiences, files())
    if settings.operations.encryption == encryption.DUCKDB:
        encryption.ready()


def published() -> dict[str, Contract]:
    """The contracts of the tables that leave the house, by table."""
    return {name: c for name, c in load_contracts().items() if c.domain == PUBLISHED}


def delivered() -> dict[str, Contract]:
    """The contracts of what comes in, by source."""
    return {name: c for name, c in load_contracts().items() if c.domain != PUBLISHED}


def files() -> Mapping[str, list[Contract]]:
    """The database files of a release, the general one first, and whose tables are in each."""
    from orchestration.publish.candidate import GENERAL_FILE

    placed: dict[str, list[Contract]] = {GENERAL_FILE: []}
    for contract in published().values():
        placed.setdefault(f"{contract.database}.duckdb", []).append(contract)
    return placed


def candidate_checks() -> list[Check]:
    """Every check of the sealed candidate: the tables' contracts, a scan for identifiers, the law, drift."""
    from orchestration.compliance.checks import law_checks
    from orchestration.drift.checks import drift_checks
    from orchestration.gates.privacy import privacy_checks

    contracts = published().values()
    return [
        *(check for contract in contracts for check in published_checks(contract)),
        *privacy_checks(contracts, config.load().campaign.election_date.year),
        *law_checks(load_contracts()),
        *drift_checks(),
    ]


def dbt_tests(settings: config.Settings) -> list[RequiredTest]:
    """Every data test of the dbt project, with the severity it has there."""
    from orchestration.gates.checks import Severity
    from orchestration.gates.record import RequiredTest

    return [
        RequiredTest(name, Severity.WARN if severity == "warn" else Severity.ERROR)
        for name, severity in transform.test_severities(settings).items()
    ]


def config_hash(settings: config.Settings) -> str:
    """sha256 of the settings file."""
    return hashlib.sha256(settings.source.read_bytes()).hexdigest()


def overrides(home: Path, at: str | None = None) -> list[Override]:
    """The overrides on the home's ledger: all of them, or those in force at the ISO time `at`."""
    from orchestration.gates.record import Override
    from orchestration.ingest.ledger import Ledger

    path = home / "ledger.sqlite"
    if not path.exists():
        return []
    with Ledger(path) as ledger:
        return [
            Override(o.target, o.reason, o.by_whom, datetime.fromisoformat(o.expires_at)) for o in ledger.overrides(at)
        ]
