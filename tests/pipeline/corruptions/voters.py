"""Voters, splits and certified results: what lies between the accepted rows and the scores."""

CURRENT = "intermediate.int_voters__current"
RESULTS = "intermediate.int_results__certified"
# In a small world no county has voters enough to be looked at: let a whole state live where few vote for us.
LEAST_OURS = """
    select arg_min(county_fips, votes_for / votes) from (
        select county_fips, sum(votes_for) as votes_for, sum(votes_for + votes_against) as votes
        from intermediate.int_results__precinct_shares where state = 'NC' group by county_fips) as counties
    where votes > 0"""
PROTECTED = f"voter_id = (select min(voter_id) from {CURRENT} where is_protected)"
DATA_TESTS = {
    "assert_every_voter_is_in_exactly_one_split": (
        "insert into intermediate.int_geography__splits from intermediate.int_geography__splits limit 1",
        "delete from intermediate.int_geography__splits where split_id = "
        f"(select min(split_id) from {CURRENT} where split_id is not null)",
    ),
    "assert_district_ids_have_the_width_of_their_type":
        "update intermediate.int_geography__splits set congressional_district_id = 'NC-4' where split_id = "
        "(select min(split_id) from intermediate.int_geography__splits)",
    "assert_certified_totals_are_not_doubled":
        f"insert into {RESULTS} from {RESULTS} where state = 'NC' and election_date = '2024-11-05'",
    "assert_no_protected_voter_has_contact_data":
        f"update intermediate.int_voters__people set phone = '9195550100' where {PROTECTED}",
    "assert_every_state_knows_its_training_election":
        "update intermediate.int_votes__elections_held set election_type = 'other' where state = 'NC'",
    "assert_staging_of_voters_makes_no_rows": (
        "insert into staging.stg_nc__voters from staging.stg_nc__voters",
        "insert into staging.stg_oh__history from staging.stg_oh__history",
        "insert into staging.stg_results__medsl from staging.stg_results__medsl",
    ),
    "assert_staging_of_feeds_makes_no_rows": (
        "insert into staging.stg_spoke__messages from staging.stg_spoke__messages",
        "insert into staging.stg_google_ads__daily from staging.stg_google_ads__daily",
    ),
    "assert_support_reproduces_certified_county_shares":
        f"update intermediate.int_voters__features set county_fips = ({LEAST_OURS}) where state = 'NC'",
    "assert_expected_turnout_is_near_a_comparable_election":
        "update intermediate.int_scores__voters set p_turnout = 0.05 where state = 'NC'",
    "assert_most_voters_live_in_a_precinct_with_certified_results":
        "update intermediate.int_voters__features set precinct_id = '37001-1' where state = 'NC'",
}  # fmt: skip
