"""The rules that are held against lineage: each is broken by SQL or a contract planted in a lawful little project.

Belongs here: one violation for each rule. Does not belong here: judging, and the rules on rows, which are checks like
any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from orchestration.compliance.checks import answers
from orchestration.compliance.judge import Judgement
from orchestration.demands import candidate_checks
from orchestration.gates.checks import Status

from .account import Account, Proof
from .by_hand import load

FAMILY = "law"
WORLD = Path(__file__).resolve().parents[1] / "unit" / "compliance" / "lineage_world.py"


small = load(WORLD)
TABLES = (
    small.published("donor_asks", "analysis", "fundraising"),
    small.published("calls", "voter_contact"),
    small.published("places", "analysis", audience="general"),
)
LAWFUL = {
    "donor_asks": (["person_id", "amount"], "select person_id, amount from accepted.actblue"),
    "calls": (["person_id"], "select person_id from accepted.nc_voters"),
    "places": (["county", "people"], "select county, count(*) as people from accepted.nc_voters group by all"),
}


def _judged(models: Mapping[str, tuple[list[str], str]] | None = None, **delivered: object) -> Judgement:
    changed = {name: replace(small.DELIVERED[name], **said) for name, said in delivered.items()}  # type: ignore[arg-type]
    judged: Judgement = small.judged({**LAWFUL, **(models or {})}, *TABLES, delivered={**small.DELIVERED, **changed})
    return judged


PLANTED: Mapping[str, Callable[[], Judgement]] = {
    "fec.no_solicitation": lambda: _judged(
        {"donor_asks": (["person_id", "amount"], "select person_id, amount from accepted.fec_individuals")}
    ),
    "fec.analysis_only": lambda: _judged(fec_individuals={"permitted_use": ("analysis", "fundraising")}),
    "state_list.purpose": lambda: _judged(
        {"donor_asks": (["person_id", "amount"], "select person_id, amount from accepted.va_voters")}
    ),
    "source.permitted_use": lambda: _judged({"calls": (["person_id"], "select person_id from accepted.poll")}),
    "pii.general_tables": lambda: _judged(
        {"places": (["county", "people"], "select county, max(email) as people from accepted.nc_voters group by all")}
    ),
    "retention.declared": lambda: _judged(actblue={"retention_days": None}),
    "lineage.readable": lambda: _judged({"calls": (["person_id"], "select nobody knows this (")}),
}


def of_law() -> Account:
    """The account of every check of kind lineage."""
    account = Account()
    sound = answers(_judged())
    for check in candidate_checks():
        if check.kind != "lineage":
            continue
        rule = check.text("rule")
        if rule not in PLANTED:
            why = f"no violation is planted: add one to PLANTED in {__file__}"
            account.proofs.append(Proof(FAMILY, check.check_id, None, why=why))
            continue
        account.corruptions += 1
        now = answers(PLANTED[rule]())
        caught = [name for name, result in now.items() if result.status is not Status.PASS]
        dead = sound[check.check_id].status is Status.PASS and check.check_id in caught
        others = tuple(name for name in caught if name != check.check_id)
        why = f"it is {sound[check.check_id].status}, then {now[check.check_id].status}"
        account.proofs.append(Proof(FAMILY, check.check_id, f"{rule} planted" if dead else None, others, why))
    return account
