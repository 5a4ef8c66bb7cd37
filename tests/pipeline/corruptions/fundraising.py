"""Fundraising: what committees took in, donors, asks."""

CORRUPTIONS = {
    "no_cell_shows_few_people": "update committee_receipts set individual_count = 10 where individual_count > 10",
    "direction_fits_the_class": """
        update committee_receipts set direction = 'received' where transaction_class like 'independent%'""",
}
DATA_TESTS: dict[str, str] = {}
