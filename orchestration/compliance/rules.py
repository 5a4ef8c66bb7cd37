"""Each rule with the law behind it, where it is enforced and the test that proves it.

Belongs here: the list, from which `docs/compliance.md` is written and by which the gate names what it found. Does
not belong here: enforcement itself. Research, not legal advice: the sources are there to be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.compliance.exceptions import GENERAL_TABLES, OTHER_USE, STATE_LIST
from orchestration.compliance.judge import FEC, FEC_CONTRACT, READABLE, RETENTION
from orchestration.compliance.people_rows import PROTECTED
from orchestration.compliance.platforms import CUSTOMER_LISTS

PLANTED = "tests/unit/compliance/test_planted_violations.py"
ROWS = "tests/unit/compliance/test_people_rows.py"
EXPORTS = "tests/unit/outreach/test_exports.py"
BROKEN = "tests/pipeline/corruptions"  # what the teams' own rules and data tests are broken by
LINEAGE = "lineage, in every gate and in `make test`"


@dataclass(frozen=True)
class Rule:
    """One rule.

    ``demand``: what must hold, in a sentence. ``law``: what demands it; ``source``: where to read it. ``where``:
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
            f"{EXPORTS}::test_a_voter_list_that_forbids_fundraising_serves_no_fundraising",
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
    Rule(
        PROTECTED,
        "Voters whom the law guards (confidential, exempt, under a protective order) have no address, telephone or "
        "e-mail in any table, and none is filled in for them from another source.",
        "G.S. 163-82.10(e); s. 97.0585, Florida Statutes; R.C. 111.41-111.48 (Safe at Home)",
        "ncleg.gov; leg.state.fl.us; codes.ohio.gov",
        (
            "the gate, on the rows of every published table with a person and a contact",
            "dbt test `assert_no_protected_voter_has_contact_data`",
            "dbt test `assert_outreach_nobody_protected_can_be_reached`",
        ),
        (
            f"{EXPORTS}::test_a_protected_voter_is_in_no_export_even_when_a_donor_record_has_the_phone",
            f"{BROKEN}/outreach.py::assert_outreach_nobody_protected_can_be_reached",
            f"{ROWS}::test_a_confidential_voter_with_a_back_filled_address_is_stopped",
            f"{ROWS}::test_every_published_table_with_people_and_contacts_is_looked_at",
        ),
    ),
    Rule(
        "pii.closed_columns",
        "A column that the contract does not declare stops the delivery: its name is reported, its values are not "
        "read. North Carolina's dates of birth and numbers of identity documents are confidential by statute.",
        "G.S. 163-82.10(a1)",
        "ncleg.gov",
        ("ingest, before a row is read",),
        (f"{ROWS}::test_a_date_of_birth_from_north_carolina_stops_the_delivery",),
    ),
    Rule(
        "texting.opt_outs",
        "Who asks any vendor to stop is texted by none, from the moment the file is received: every opt-out ever "
        "accepted counts, no later file lifts it, and an export hears what came in after the last refresh.",
        "47 U.S.C. 227 (TCPA); 47 CFR 64.1200(a)(10): any reasonable means, ten business days at most",
        "fcc.gov; the order of 6 January 2026 moves revoke-all to 31 January 2027, which this does not wait for",
        (
            "`accepted.opt_outs`, over all deliveries of all sources",
            "dbt test `assert_every_opt_out_can_be_read`",
            "dbt test `assert_outreach_an_open_channel_has_a_lawful_contact`: zero overlap",
            "exports, which take in what has landed first",
        ),
        (
            f"{EXPORTS}::test_an_opt_out_after_an_export_is_in_the_next_one_without_a_refresh",
            f"{EXPORTS}::test_an_opt_out_at_one_vendor_holds_for_every_vendor",
            f"{BROKEN}/outreach.py::assert_outreach_an_open_channel_has_a_lawful_contact",
            "tests/unit/ingest/test_opt_outs.py::test_what_one_vendor_hears_holds_for_all",
            "tests/unit/ingest/test_opt_outs.py::test_a_later_export_without_the_opt_out_does_not_lift_it",
            "tests/unit/ingest/test_opt_outs.py::test_an_export_hears_what_was_accepted_after_the_last_refresh",
        ),
    ),
    Rule(
        "email.unsubscribes",
        "Who unsubscribed from a list gets no e-mail from any list.",
        "15 U.S.C. 7704 (CAN-SPAM): political mail is not commercial mail; honoured all the same",
        "ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business",
        ("`accepted.opt_outs`, channel email",),
        (f"{ROWS}::test_who_unsubscribed_from_one_list_is_out_of_every_e_mail",),
    ),
    Rule(
        CUSTOMER_LISTS,
        "No list of people goes to a platform that does not take one for election ads; Google's does not.",
        "The platforms' terms: Google's policy on election ads in the United States since 6 January 2020",
        "support.google.com/adspolicy/answer/6014595",
        ("exports, before a row is read",),
        (
            f"{ROWS}::test_a_google_customer_list_is_stopped",
            f"{EXPORTS}::test_a_google_customer_list_is_refused_and_the_rule_is_named",
        ),
    ),
    Rule(
        "limits.in_force",
        "Every limit and threshold is a dated row with its source, and one is in force for every kind of committee on "
        "election day: an ask is never capped by nothing.",
        "52 U.S.C. 30116; 11 CFR 110.1, 104.3(a)(4), 104.8",
        "fec.gov/help-candidates-and-committees/candidate-taking-receipts/contribution-limits",
        ("seeds `contribution_limits`, `itemisation_thresholds`",),
        (f"{ROWS}::test_a_limit_and_a_threshold_are_in_force_on_election_day",),
    ),
    Rule(
        "limits.asks",
        "Nobody is asked for more than the law leaves them for that committee and election; money without a "
        "designation counts against every election, and who is over the limit shows with the refund due.",
        "52 U.S.C. 30116; 11 CFR 110.1(b)",
        "fec.gov/help-candidates-and-committees/candidate-taking-receipts/contribution-limits",
        (
            "dbt tests `assert_fundraising_asks_stay_within_the_limit`, `assert_fundraising_gifts_over_the_limit_show`",
            "the contract of `donor_asks`: `no_ask_goes_beyond_the_limit`",
        ),
        (
            f"{BROKEN}/fundraising.py::assert_fundraising_asks_stay_within_the_limit",
            f"{BROKEN}/fundraising.py::assert_fundraising_gifts_over_the_limit_show",
            f"{BROKEN}/fundraising.py::no_ask_goes_beyond_the_limit",
        ),
    ),
    Rule(
        "itemisation.complete",
        "Who gave more than the threshold of the cycle (candidates) or the year (others) is itemised, with address, "
        "occupation and employer or the effort still due.",
        "52 U.S.C. 30104(b)(3)(A); 11 CFR 104.3(a)(4), 104.7, 104.8",
        "fec.gov/help-candidates-and-committees/filing-reports/individual-contributions",
        ("`int_donors__itemisation`; `donor_summary.needs_best_efforts`",),
        (
            "dbt_project/models/intermediate/donors/int_donors__itemisation.yml"
            "::itemising_begins_above_the_threshold_of_the_cycle_or_year",
        ),
    ),
)


def rule(rule_id: str) -> Rule:
    """The rule called ``rule_id``; KeyError when there is none."""
    for found in RULES:
        if found.id == rule_id:
            return found
    raise KeyError(f"there is no rule {rule_id!r}; known: {', '.join(r.id for r in RULES)}")
