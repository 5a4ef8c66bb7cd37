"""What the law guards in people's rows: contacts of protected voters, and lists that may not serve every purpose."""


def one(table: str, change: str, where: str = "true") -> str:
    """A change of one row."""
    return f"update {table} set {change} where rowid = (select min(rowid) from {table} where {where})"


GUARDED = "(select min(person_id) from voters_people where is_protected)"
ASKED = "purpose = 'fundraising' and is_on_own_record"
LISTED = "origin = 'voter_file' and permitted_purposes like '%fundraising%'"
CORRUPTIONS = {
    "compliance.protected.no_contact.contact_points": one("contact_points", f"person_id = {GUARDED}"),
    "compliance.protected.no_contact.donor_summary": one("donor_summary", f"person_id = {GUARDED}"),
    "compliance.protected.no_contact.sms_universe": one("sms_universe", f"person_id = {GUARDED}"),
    "compliance.protected.no_contact.voters_people": one("voters_people", "phone = '+19195550100'", "is_protected"),
    "compliance.state_list.purpose.universe_members.fundraising":
        one("universe_members", "state = 'VA', is_on_own_record = false", ASKED),
    "compliance.state_list.purpose.universe_members.volunteer_recruitment":
        one("universe_members", "state = 'VA', is_on_own_record = false, purpose = 'volunteer_recruitment'"),
    "compliance.state_list.purpose.contact_points.fundraising":
        one("contact_points", "state = 'VA', permitted_purposes = 'fundraising'", LISTED),
    "compliance.state_list.purpose.contact_points.volunteer_recruitment":
        one("contact_points", "state = 'PA', permitted_purposes = 'volunteer_recruitment'", LISTED),
    "compliance.source.permitted_use.contact_points.fundraising": one("contact_points", "source_id = 'van'", LISTED),
    "compliance.source.permitted_use.universe_members.fundraising":
        one("universe_members", "person_id = 'P-nobody'", ASKED),
}  # fmt: skip
