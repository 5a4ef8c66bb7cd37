"""The ledger of vote goals, the way to 270, scores, results and people: what everyone reads."""

GOALS = "marts.district_vote_goals"
TABLE = "district_vote_goals"
ONE_PRECINCT = (
    f"(contest_id, geography_id) = (select (contest_id, geography_id) from {GOALS} "
    "where geography_type = 'precinct' and office_code = 'us_senate' order by all limit 1) "
    "and geography_type = 'precinct'"
)
CORRUPTIONS = {
    "geography_type_is_known": f"update {TABLE} set geography_type = 'ward' where geography_type = 'precinct'",
    "deficit_is_goal_less_base": f"update {TABLE} set vote_deficit = vote_deficit + 90",
    "goal_lies_between_win_and_turnout": f"update {TABLE} set win_number = vote_goal + 1",
    "pools_cover_the_contest_deficit": f"update {TABLE} set goal_from_gotv = goal_from_gotv + 1",
    "nothing_is_negative": f"update {TABLE} set staff = -1",
    "district_vote_goals.interval_holds_the_estimate": f"update {TABLE} set base_vote_low = base_vote + 1",
    "state_path_to_win.interval_holds_the_estimate": "update state_path_to_win set expected_share_high = 0.1",
    "win_probability_is_a_share": f"update {TABLE} set win_probability = 1.2",
    "shares_and_probabilities_are_shares": "update state_path_to_win set win_probability = 1.2",
    "goal_is_at_least_the_win_number": "update state_path_to_win set vote_goal = win_number - 1",
    "electors_are_counted_down": "update state_path_to_win set cumulative_votes = electoral_votes - 1",
    "errors_are_not_negative": "update backtest_results set rmse = mae / 2",
    "the_model_states_its_coverage": "update backtest_results set coverage80 = null",
    "units_were_scored": "update backtest_results set units = 0",
    "parts_add_up_to_the_contest": f"update {TABLE} set vote_goal = vote_goal + 1 where geography_type = 'county'",
    "votes_are_not_negative": "update certified_results set votes = -1",
    "change_type_is_known": "update registration_changes set change_type = 'vanished'",
    "p_turnout_is_a_probability": "update voter_scores set p_turnout = 1.1",
    "persuadability_is_a_rank_score": "update voter_scores set persuadability = 1.01",
    "basis_is_known": "update score_calibration set basis = 'shrunk'",
    "p_support_is_a_probability": "update voter_scores set p_support = -0.1",
}
DATA_TESTS = {
    "assert_goals_parts_add_up_to_the_contest":
        f"update {GOALS} set vote_goal = vote_goal + 1 where {ONE_PRECINCT}",
    "assert_goals_eligible_adds_up_where_it_is_known":
        f"update {GOALS} set eligible = eligible - 1 where geography_type = 'county' and state = 'NC'",
    "assert_goals_eligible_is_the_counties_estimate":
        "update intermediate.int_registration__eligible set eligible = eligible + 1 where county_fips = '37001'",
    "assert_goals_statewide_contest_equals_its_state":
        f"update {GOALS} set base_vote = base_vote + 1 where geography_type = 'state' and district_id is null",
    "assert_goals_atoms_hold_their_identities":
        "update intermediate.int_goals__contest_splits set vote_deficit = vote_deficit + 1 where split_id = "
        "(select min(split_id) from intermediate.int_goals__contest_splits)",
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
