"""Fundraising: what committees took in, donors, asks."""

CORRUPTIONS = {
    "no_cell_shows_few_people": "update committee_receipts set individual_count = 10 where individual_count > 10",
    "direction_fits_the_class": """
        update committee_receipts set direction = 'received' where transaction_class like 'independent%'""",
    "scores_are_fifths": "update donor_summary set recency_score = 6",
    "largest_gift_fits_the_count": "update donor_summary set largest_gift_usd = 0",
    "lifecycle_fits_the_months": "update donor_summary set months_since_last_gift = 30 where lifecycle = 'new'",
    # One dollar more than the law leaves, asked of one donor.
    "no_ask_goes_beyond_the_limit": """
        update donor_asks set ask_high_usd = limit_usd - designated_usd - undesignated_usd - promised_usd + 1
        where is_to_be_asked""",
    "ladders_rise": "update donor_asks set ask_low_usd = 5 where not is_to_be_asked",
    "over_the_limit_is_flagged": """
        update donor_asks set over_limit_usd = 0, reason = 'at_limit' where reason = 'refund_due'""",
}
DATA_TESTS = {
    "assert_fundraising_asks_stay_within_the_limit": """
        update marts.donor_asks set ask_high_usd = limit_usd + 1 where is_to_be_asked""",
    "assert_fundraising_gifts_over_the_limit_show": """
        update marts.donor_asks set reason = 'ask' where reason = 'refund_due'""",
    "assert_fundraising_gifts_are_to_own_committees": "update intermediate.int_donors__gifts set is_own = false",
    "assert_fundraising_records_of_one_key_are_one_donor": """
        update intermediate.int_donors__links set person_id = record_id""",
    "assert_fundraising_rows_carry_the_release": "update marts.donor_asks set release_id = 'another'",
}
