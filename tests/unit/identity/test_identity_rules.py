"""Who is linked to whom, case by case: each case a family of its own, all linked at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from identity_home import Linked, crowd_of_others, linked, record, voter

OTHERS = crowd_of_others()
VOTERS = [
    *OTHERS,
    voter(1, "Jane Doe", 1), voter(2, "Jane Doe", 2),
    voter(11, "Anna Keys", 11, email="anna@example.org", phone="9195550142"),
    voter(21, "Robert Lee Stone", 21),
    voter(31, "Ruth Marsh", 31, email="marshes@example.org"), voter(32, "Paul Marsh", 31),
    voter(41, "Olga Thorn", 41),
    voter(51, "John Prior", 51, name_suffix="SR"), voter(52, "John Prior", 51, name_suffix="JR"),
    voter(61, "Lena Ann Rover", 61, phone="9195550161"),
    voter(71, "Ida Veil", 71, is_protected=True, email="ida@example.org", phone="9195550171"),
    voter(81, "Catherine Twin", 81, email="cathy@example.org"),
]  # fmt: skip
RECORDS = [
    record("van", "own", "Jane Doe", 2, given_voter_id="NC-1"),
    record("van", "stale", "Nobody Known", 3, given_voter_id="NC-99"),
    record("k1", "email", "anna keys", 203, email="ANNA@example.org"),
    record("k2", "phone", "Anna Keys", 203, phone="(919) 555-0142"),
    record("k3", "name_address", "Anna Keys", 11),
    record("k4", "name_address", "Anna Keys", None, address="11 Oak Street", city="Raleigh", zip5="27602-1234"),
    record("k5", "probabilistic", "Anna Kesy", 11),
    record("n1", "bob", "Bob Stone", 21), record("n2", "bobby", "Bobby L Stone", 21),
    record("d", "paul", "Paul Marsh", 31, email="marshes@example.org"),
    record("d", "ruth", "Ruth Marsh", 203, email="marshes@example.org"),
    record("d", "walter", "Walter Thorn", 41),
    record("d", "john", "John Prior", 51), record("e", "junior", "John Prior", 51, name_suffix="Jr."),
    record("d", "lena", "Lena Rover", 204, phone="+19195550161", email="lena@example.org", state="VA"),
    record("d", "lena2", "Lena A Rover", 205, email="lena@example.org", state="GA"),
    record("d", "ida", "Ida Veil", 71, email="ida@example.org", phone="9195550171"),
    record("van", "ida", "Ida Veil", 71, email="ida@example.org", given_voter_id="NC-71"),
    record("d", "zoe", "Zoe Quill", 206, email="zoe@example.org"),
    record("d", "zoe2", "Zoe Quill", 207, email="ZOE@example.org", phone="9195550177"),
    record("e", "zoe3", "Z Quill", None, phone="919-555-0177"),
    record("e", "max", "Max Quill", 206, email="zoe@example.org"),
    record("d", "cathy", "Catherine Twin", 208, email="cathy@example.org"),
    record("d", "second", "Catherine Twin", 81, email="second@example.org", first_seen_date=date(2026, 8, 2)),
    record("t", "mute", "", phone="9195550100"), record("t", "blank", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    return linked(tmp_path_factory.mktemp("rules"), VOTERS, RECORDS)


def test_the_feeds_own_voter_id_comes_first(found: Linked) -> None:
    row = found.rows["van:own"]
    assert (row["voter_id"], row["native_id"], row["match_kind"]) == ("NC-1", "voter:NC-1", "own_id")
    assert row["match_probability"] == 1
    assert not row["needs_review"]


def test_an_id_that_no_voter_has_links_nobody(found: Linked) -> None:
    assert found.voter("van:stale") is None


@pytest.mark.parametrize("key", [key for key in (r["record_id"] for r in RECORDS) if key.startswith("k")])
def test_every_kind_of_match_finds_its_voter(found: Linked, key: str) -> None:
    row = found.rows[key]
    assert (row["voter_id"], row["match_kind"]) == ("NC-11", key.split(":")[1])
    assert row["match_probability"] >= 0.9


def test_a_nickname_is_its_given_name(found: Linked) -> None:
    assert [found.voter(key) for key in ("n1:bob", "n2:bobby")] == ["NC-21", "NC-21"]


def test_an_e_mail_shared_by_a_household_tells_its_people_apart(found: Linked) -> None:
    assert [found.voter(key) for key in ("d:paul", "d:ruth")] == ["NC-32", "NC-31"]


def test_somebody_who_lives_with_a_voter_is_not_the_voter(found: Linked) -> None:
    assert found.voter("d:walter") is None
    assert found.person("d:walter").startswith("record:")


def test_father_and_son_without_a_suffix_are_left_to_somebody_who_knows(found: Linked) -> None:
    assert found.voter("d:john") is None
    assert found.rows["d:john"]["needs_review"]
    assert found.rows["d:john"]["candidate_voter_id"] in ("NC-51", "NC-52")
    assert found.voter("e:junior") == "NC-52"


def test_a_mover_is_found_by_phone_in_another_state_and_brings_the_rest_along(found: Linked) -> None:
    assert found.rows["d:lena"]["match_kind"] == "phone"
    assert [found.person(key) for key in ("d:lena", "d:lena2")] == ["voter:NC-61", "voter:NC-61"]


def test_a_protected_voter_is_found_by_own_id_only(found: Linked) -> None:
    assert found.voter("van:ida") == "NC-71"
    # Not by the contact that the other record brings, either; and nobody is asked to look for one.
    assert found.voter("d:ida") is None
    assert found.rows["d:ida"]["candidate_voter_id"] is None


def test_duplicates_within_and_across_feeds_are_one_person(found: Linked) -> None:
    assert len({found.person(key) for key in ("d:zoe", "d:zoe2", "e:zoe3")}) == 1
    assert found.person("e:max") != found.person("d:zoe")


def test_two_people_of_one_source_never_share_a_voter(found: Linked) -> None:
    assert found.voter("d:cathy") == "NC-81"
    assert found.voter("d:second") is None
    assert found.rows["d:second"]["needs_review"]
    assert found.rows["d:second"]["candidate_voter_id"] == "NC-81"


def test_a_record_without_name_or_address_is_still_a_person(found: Linked) -> None:
    assert found.person("t:mute").startswith("record:")
    assert found.person("t:mute") != found.person("t:blank")


def test_every_record_has_one_link(found: Linked) -> None:
    assert set(found.rows) == {row["record_id"] for row in RECORDS}


def test_no_records_are_no_links(tmp_path: Path) -> None:
    assert linked(tmp_path, OTHERS, []).rows == {}


def test_a_person_is_named_after_the_first_record_seen(tmp_path: Path) -> None:
    first = record("d", "z", "Zoe Quill", 5, email="zoe@example.org", first_seen_date=date(2026, 7, 1))
    second = record("d", "a", "Zoe Quill", 5, email="zoe@example.org", first_seen_date=date(2026, 7, 2))
    alone = linked(tmp_path, OTHERS, [first]).person("d:z")
    both = linked(tmp_path, OTHERS, [first, second])
    assert both.person("d:z") == both.person("d:a") == alone
