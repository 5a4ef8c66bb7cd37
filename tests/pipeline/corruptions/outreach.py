"""Outreach: contact points, universes, deployments."""

ONE = "deployed_count = 0"
CORRUPTIONS: dict[str, str] = {
    "channel_is_known": "update contact_points set channel = 'fax' where channel = 'walk'",
    "a_suppressed_contact_has_its_reason": "update contact_points set is_suppressed = not is_suppressed",
    "no_protected_voter_has_a_contact":
        "update contact_points set voter_id = (select min(voter_id) from voters_people where is_protected)",
    "numbers_are_normalised": "update contact_points set contact = substr(contact, 3) where channel = 'sms'",
    "a_protected_person_has_no_channel": "update universe_members set is_protected = true",
    "a_deployed_person_has_its_day": f"update universe_members set deployed_count = 1 where {ONE}",
    "few_people_are_withheld": "update universes set people = 10, households = 3",
    "reachable_are_among_the_people": "update universes set reachable_mail = people + 1",
    "covered_share_is_a_share": "update universes set deficit_covered_share = 1.5",
    "few_people_in_both_are_withheld": "update universe_overlaps set people_in_both = 3",
    "share_of_universe_is_a_share": "update universe_overlaps set share_of_universe = 1.5",
    "overlap_is_the_same_from_both_sides":
        "update universe_overlaps set people_in_both = people_in_both + 1 where universe_id < other_universe_id",
    "more_people_than_households":
        "insert into deployments by name select 'E1' as export_id, 1 as people, 2 as households, 0 as held_out",
    "nobody_who_opted_out_may_be_texted":
        "update sms_universe set phone = (select min(contact) from opt_outs where channel = 'sms')",
    "no_protected_voter_may_be_texted":
        "update sms_universe set voter_id = (select min(voter_id) from voters_people where is_protected)",
    "texted_number_is_normalised": "update sms_universe set phone = substr(phone, 3)",
    "conversation_status_is_known": "update sms_universe set best_conversation_status = 'friendly'",
    "opt_out_channel_is_known": "update opt_outs set channel = 'fax'",
    "arm_is_known": "insert into deployment_members by name select 'E1' as export_id, 'P' as person_id, 'x' as arm",
}  # fmt: skip
DATA_TESTS = {
    "assert_outreach_nobody_protected_can_be_reached": """
        update intermediate.int_contact__points set voter_id =
            (select min(voter_id) from intermediate.int_voters__current where is_protected) where channel = 'mail'""",
    "assert_outreach_an_open_channel_has_a_lawful_contact":
        "update intermediate.int_contact__points set source_id = 'fec_individuals' where channel = 'phone'",
    "assert_outreach_nobody_who_opted_out_may_be_texted": """
        update marts.sms_universe set phone =
            (select min(contact) from intermediate.int_contact__opt_outs where channel = 'sms')""",
}  # fmt: skip
