"""Who is who: donors, volunteers and the people texted, linked to the voters they are."""

LINKS = "intermediate.int_identity__links"
LINKED = f"record_id = (select min(record_id) from {LINKS} where voter_id is not null)"
# A person with two records, one of whom is then changed.
ONE_OF_TWO = (
    f"record_id = (select max(record_id) from {LINKS} where person_id = (select min(person_id) from ("
    f"select person_id from {LINKS} where voter_id is not null group by person_id having count(*) > 1) as several))"
)
PROTECTED = "(select min(voter_id) from intermediate.int_voters__current where is_protected)"
DATA_TESTS = {
    "assert_identity_every_record_is_linked_once": (
        "insert into models.identity_links from models.identity_links limit 1",
        "delete from models.identity_links where record_id = (select min(record_id) from models.identity_links)",
        "insert into models.identity_links by name select 'c:1' as record_id",
    ),
    "assert_identity_no_person_has_two_voters": (
        f"update {LINKS} set voter_id = (select max(voter_id) from {LINKS}) where {ONE_OF_TWO}",
        f"update {LINKS} set voter_id = null where {ONE_OF_TWO}",
        f"update {LINKS} set voter_id = (select max(voter_id) from {LINKS}) where record_id = "
        f"(select min(record_id) from {LINKS} where voter_id is null)",
    ),
    "assert_identity_protected_voters_are_found_by_own_id_only": (
        f"update {LINKS} set voter_id = {PROTECTED}, match_kind = 'phone' where {LINKED}",
        "update intermediate.int_identity__voters set email = 'jane@example.org' where is_protected",
        f"update intermediate.int_identity__households set household_size = 2 where voter_id = {PROTECTED}",
    ),
}
