"""What the scan of the general file looks for beyond the form of a value: contacts and names of the people on file."""

# Every value of a column the name of another voter.
NAMES = """
    update ad_response set campaign_name = names.name from (
        select upper(first_name || ' ' || last_name) as name, row_number() over (order by voter_id) - 1 as n
        from voters_people where first_name is not null and last_name is not null) as names
    where names.n = ad_response.rowid"""
CORRUPTIONS = {
    "privacy.values_of_people":
        "update release set notes = (select min(contact) from contact_points where channel = 'sms')",
    "privacy.names_of_people": NAMES,
}  # fmt: skip
