"""`docs/compliance.md`, written from the rules and the exceptions.

Belongs here: how the page reads. Does not belong here: what the rules are (`rules`). A test compares the page that is
checked in with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestration.compliance.exceptions import Excuse, load_exceptions
from orchestration.compliance.query import DECLASSIFYING
from orchestration.compliance.rules import RULES

HEAD = """\
<!-- Written by `python -m orchestration.contracts.derive` from orchestration/compliance; do not edit. -->
# Compliance

What the law and the states demand of a campaign's data, as rules that the build enforces. This is research by
engineers, not legal advice: show the table to counsel before relying on it. A rule without a test that plants a
violation, or a test without a rule here, fails the build.

## How a rule is enforced

*Lineage.* dbt's compiled SQL is followed from every published column back to the delivered ones, and from every
published table back to every relation that decides its rows: one that is only joined or filtered on counts, although
no column of it is taken. Tables that the refresh writes itself (fitted models, who is who) say what they are made
from. A finding names the rule and the path, such as
`accepted.fec_individuals.amount -> int_donors__rivals.amount -> donor_asks.rival_usd`. SQL that cannot be followed is
an error, never a pass.

*The gate.* Every rule judged by lineage, and every check on people's rows below, is a check of the gate record
(`compliance.*`, shown by `winnumber gate` and in the orchestrator). A red one refuses the release; no operator can
override it. `make test` judges the same on the whole project, so that an unlawful model fails the build before any
data is there.

*Models and exports* ask `config.permitted_uses` (the macro `voter_list_permits`), which is written from the contracts.

After these operations, and no others, nobody can be told from a value any more, so that it may be published for
everyone:

"""
MIDDLE = """
Everything else carries the value through: renaming, upper case, joining texts, hashing, the smallest and the largest,
a list, a sub-query.
"""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            HEAD + "\n".join(f"- *{name}*: {why}." for name, why in DECLASSIFYING.items()) + "\n" + MIDDLE,
            "## The rules\n",
            *_rules(),
            "\n## What the rules let pass\n",
            "Entries of `data_contracts/compliance/exceptions.yaml`. After its last day an entry no longer counts, and"
            " the build fails until somebody has looked at it again. Nothing can excuse a person copied from FEC"
            " reports.\n",
            *_exceptions(load_exceptions()),
            "\nWhat each source may be used for, and what each published table serves, stands with it in the"
            " [data dictionary](data-dictionary.md).",
            "",
        ]
    )


def _rules() -> Iterable[str]:
    yield "| rule | what must hold | law | source | enforced by | proved by |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES:
        proofs = "<br>".join(f"`{proof.rsplit('/', 1)[-1]}`" for proof in rule.proofs)
        yield f"| `{rule.id}` | {rule.demand} | {rule.law} | {rule.source} | {'; '.join(rule.where)} | {proofs} |"


def _exceptions(excuses: Sequence[Excuse]) -> Iterable[str]:
    yield "| exception | rule | covers | reason | approved by | last day |"
    yield "|---|---|---|---|---|---|"
    for excuse in excuses:
        covers = ", ".join([*excuse.origins, *([f"{excuse.table} for {excuse.purpose}"] if excuse.table else [])])
        if excuse.empty:
            covers += f"; empty in those states: {', '.join(excuse.empty)}"
        if excuse.forbidden_rows:
            covers += f"; no row where {excuse.forbidden_rows.replace('|', '/')}"
        if excuse.own:
            covers += "; own: " + "; ".join(f"{column} ({why})" for column, why in excuse.own.items())
        yield (
            f"| {excuse.id} | `{excuse.rule}` | {covers} | {excuse.reason} | {excuse.approved_by} | {excuse.expires} |"
        )
