"""Each data test of the ledger and the marts refuses a corruption of its own; one without a corruption fails here."""

from __future__ import annotations

import goals_world
import pytest

GOALS = "marts.district_vote_goals"
ONE_PRECINCT = (
    f"(contest_id, geography_id) = (select (contest_id, geography_id) from {GOALS} "
    "where geography_type = 'precinct' and office_code = 'us_senate' order by all limit 1) "
    "and geography_type = 'precinct'"
)
CORRUPTIONS = {
    "assert_goals_parts_add_up_to_the_contest":
        f"update {GOALS} set vote_goal = vote_goal + 1 where {ONE_PRECINCT}",
    "assert_goals_eligible_adds_up_where_it_is_known":
        f"update {GOALS} set eligible = eligible - 1 where geography_type = 'county' and state = 'NC'",
    "assert_goals_eligible_is_the_counties_estimate":
        "update intermediate.int_registration__eligible set eligible = eligible + 1 where county_fips = '37001'",
    "assert_goals_statewide_contest_equals_its_state":
        f"update {GOALS} set base_vote = base_vote + 1 where geography_type = 'state' and district_id is null",
    "assert_goals_identities_hold_on_every_row":
        f"update {GOALS} set vote_deficit = vote_deficit + 1 where {ONE_PRECINCT}",
    "assert_goals_pools_cover_the_deficit":
        f"update {GOALS} set uncovered_deficit = uncovered_deficit - 1 where geography_type = 'contest'",
    "assert_goals_every_contest_has_every_kind_of_area":
        f"delete from {GOALS} where geography_type = 'media_market' and office_code = 'us_house'",
    "assert_goals_a_district_contest_has_one_district":
        f"update {GOALS} set geography_id = 'NC-99' where geography_type = 'congressional_district' "
        "and office_code = 'us_house' and state = 'NC'",
    "assert_goals_registered_are_the_active_voters":
        "update intermediate.int_scores__voters set is_active = false where voter_id = "
        "(select min(voter_id) from intermediate.int_scores__voters where is_active)",
    "assert_goals_every_voter_is_in_one_split":
        "delete from intermediate.int_goals__split_geographies where geography_type = 'precinct'",
    "assert_goals_shift_reaches_its_total":
        "update intermediate.int_goals__contest_shifts set residual = 0.00001 where measure = 'win_number'",
    "assert_goals_settings_are_complete": "delete from config.thresholds where name = 'gotv_support_min'",
    "assert_goals_contests_are_fought_by_the_campaigns_party": "update config.campaign set party_code = 'R'",
    "assert_goals_every_rule_finds_a_contest":
        "insert into config.contest_rules (state, office_code, election_date) values ('NC', 'governor', '2026-11-03')",
    "assert_marts_goal_rows_are_named": f"update {GOALS} set geography_name = ' ' where {ONE_PRECINCT}",
    "assert_marts_rows_carry_the_release": "update marts.model_cards set release_id = 'another'",
    "assert_marts_results_keep_every_vote": "update marts.certified_results set votes = votes + 1",
    "assert_marts_people_and_scores_match":
        "delete from marts.voters_people where voter_id = (select min(voter_id) from marts.voters_people)",
}  # fmt: skip
TESTS = sorted(
    test.stem for kind in ("goals", "marts") for test in (goals_world.DBT / "tests").glob(f"assert_{kind}_*.sql")
)


def test_every_data_test_has_its_corruption():
    assert sorted(CORRUPTIONS) == TESTS


@pytest.mark.parametrize("name", TESTS)
def test_a_corruption_is_refused(ledger, warehouse, name):
    query = f"select count(*) from ({ledger.compiled(name)}) as found"
    (before,) = warehouse.execute(query).fetchone()
    warehouse.execute(CORRUPTIONS[name])
    (after,) = warehouse.execute(query).fetchone()
    assert before == 0
    assert after > 0
