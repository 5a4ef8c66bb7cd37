"""Each rule with the law behind it, where it is enforced and the test that proves it.

Belongs here: the list, from which `docs/compliance.md` is written and by which the gate names what it found. Does
not belong here: enforcement itself. Research, not legal advice: the sources are there to be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.compliance.exceptions import GENERAL_TABLES, STATE_LIST
from orchestration.compliance.judge import FEC, FEC_CONTRACT, OTHER_USE, READABLE, RETENTION

PLANTED = "tests/unit/compliance/test_planted_violations.py"
LINEAGE = "lineage, in every gate and in `make test`"


@dataclass(frozen=True)
class Rule:
    """One rule.

    ``demand``: what must hold, in a sentence. ``law``: what demands it; ``source``: where that was read. ``where``:
    what enforces it. ``proofs``: tests, as 'file::function', in which a planted violation is stopped.
    ``judged``: by the lineage (then it is a check of the gate); the others say in ``where`` who looks.
    """

    id: str
    demand: str
    law: str
    source: str
    where: tuple[str, ...]
    proofs: tuple[str, ...]
    judged: bool = False


RULES: tuple[Rule, ...] = (
    Rule(
        FEC,
        "Nobody copied from reports filed with the FEC, and no row that was joined or filtered on them, reaches a "
        "table that serves fundraising, voter contact or recruiting volunteers.",
        "52 U.S.C. 30111(a)(4); 11 CFR 104.15",
        "fec.gov/updates/sale-or-use-contributor-information",
        (LINEAGE,),
        (
            f"{PLANTED}::test_an_fec_contributor_joined_into_asks_is_stopped",
            f"{PLANTED}::test_an_fec_contributor_who_only_filters_asks_is_stopped",
        ),
        judged=True,
    ),
    Rule(
        FEC_CONTRACT,
        "The contracts of FEC-copied people permit analysis and nothing else.",
        "52 U.S.C. 30111(a)(4); 11 CFR 104.15",
        "fec.gov/updates/sale-or-use-contributor-information",
        (LINEAGE,),
        (f"{PLANTED}::test_a_contract_that_lends_fec_contributors_to_fundraising_is_stopped",),
        judged=True,
    ),
    Rule(
        STATE_LIST,
        "A state's list of voters and its history reach only the purposes that the state permits: in rows of a state "
        "that does not, what descends from its list is empty or is the committee's own record.",
        "Va. Code 24.2-405, 24.2-406; 25 Pa.C.S. 1404, 4 Pa. Code 183.13-.14; and each state's contract",
        "law.lis.virginia.gov; the statutes as quoted in the contracts",
        (LINEAGE, "the gate's checks of the exceptions, on rows", "`config.permitted_uses`, in models and exports"),
        (
            f"{PLANTED}::test_a_voter_list_column_of_virginia_and_pennsylvania_in_a_fundraising_table_is_stopped",
            f"{PLANTED}::test_an_exception_that_expired_no_longer_counts",
            f"{PLANTED}::test_an_exception_is_held_against_the_rows",
        ),
        judged=True,
    ),
    Rule(
        OTHER_USE,
        "A published table serves no purpose that one of its sources does not permit.",
        "The licence of each source, as its contract says",
        "data_contracts/",
        (LINEAGE,),
        (f"{PLANTED}::test_a_source_that_permits_analysis_only_does_not_reach_voter_contact",),
        judged=True,
    ),
    Rule(
        GENERAL_TABLES,
        "No column of a general table shows who somebody is, how they are reached or when they were born, whatever "
        "it is called: only counts, sums and yes-or-no tests of such columns may be published for everyone.",
        "G.S. 163-82.10(a1); 25 Pa.C.S. 1404 (lists may not be put on the internet); the breaches of 2015 and 2017",
        "ncleg.gov; the statutes as quoted in the contracts",
        (LINEAGE, "scan of the released files for identifiers"),
        (
            f"{PLANTED}::test_a_renamed_name_in_a_general_table_is_stopped",
            f"{PLANTED}::test_a_name_in_a_longer_text_is_stopped",
            f"{PLANTED}::test_counts_and_age_bands_of_people_may_be_published",
        ),
        judged=True,
    ),
    Rule(
        RETENTION,
        "Every source says how long it is kept; records of contributions are kept three years at least.",
        "52 U.S.C. 30102(d); 11 CFR 102.9(c)",
        "fec.gov/help-candidates-and-committees/keeping-records",
        (LINEAGE,),
        (f"{PLANTED}::test_a_contract_without_a_retention_class_is_stopped",),
        judged=True,
    ),
    Rule(
        READABLE,
        "SQL that cannot be followed to its sources has not been shown to be lawful and does not pass.",
        "Rule of the house",
        "docs/compliance.md",
        (LINEAGE,),
        (
            f"{PLANTED}::test_sql_that_cannot_be_followed_is_an_error_and_not_a_pass",
            f"{PLANTED}::test_a_model_that_was_not_compiled_is_an_error_and_not_a_pass",
            f"{PLANTED}::test_a_fitted_table_that_does_not_say_what_it_is_made_from_is_stopped",
        ),
        judged=True,
    ),
)


def rule(rule_id: str) -> Rule:
    """The rule called ``rule_id``; KeyError when there is none."""
    for found in RULES:
        if found.id == rule_id:
            return found
    raise KeyError(f"there is no rule {rule_id!r}; known: {', '.join(r.id for r in RULES)}")
