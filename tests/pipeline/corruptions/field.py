"""Field and organizing: the staffing plan, events and who came to them."""

PLAN = "field_staffing_plan"
EVENTS = "event_attendance"
CORRUPTIONS = {
    "decision_is_known": f"update {PLAN} set decision = 'maybe'",
    "staff_goes_with_the_decision": f"update {PLAN} set organizers = 1 where decision = 'none'",
    "hours_for_staff_are_those_volunteers_leave": f"update {PLAN} set hours_for_staff = hours_for_staff + 1",
    "nobody_is_reached_twice": f"update {PLAN} set reachable_doors = pool_people + 1",
    "staffing_numbers_are_not_negative": f"update {PLAN} set weeks_left = -1",
    "every_decision_has_a_reason": f"update {PLAN} set reason = 'because'",
    "attendance_is_known": f"update {EVENTS} set attendance = 'absent' where attendance = 'unknown'",
    "shifts_are_all_accounted_for": f"update {EVENTS} set shifts_flaked = shifts_flaked + 1",
    "only_hosts_need_not_sign_up": f"update {EVENTS} set is_host = false, shifts_signed_up = 0",
    "flake_rates_are_shares": f"update {EVENTS} set person_flake_rate = 1.5",
    "hours_attended_were_signed_up_for": f"update {EVENTS} set hours_attended = hours_signed_up + 1",
    "event_people_are_all_accounted_for": "update event_summary set people_signed_up = people_signed_up + 1",
    "first_timers_came": "update event_summary set first_timers = people_attended + 1",
    "event_flake_rate_is_a_share": "update event_summary set flake_rate = -0.1",
}
DATA_TESTS = {
    "assert_field_plan_is_the_ledgers":
        "update marts.field_staffing_plan set vote_deficit = vote_deficit + 1",
    "assert_field_votes_at_doors_are_near_what_was_asked":
        "update marts.field_staffing_plan set door_votes = door_votes + 100",
    "assert_field_rules_are_complete": "delete from config.field_rules where name = 'capacity_weeks'",
}  # fmt: skip
