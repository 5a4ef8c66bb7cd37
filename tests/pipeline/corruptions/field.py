"""Field: the staffing plan and events."""

PLAN = "field_staffing_plan"
CORRUPTIONS = {
    "decision_is_known": f"update {PLAN} set decision = 'maybe'",
    "staff_goes_with_the_decision": f"update {PLAN} set organizers = 1 where decision = 'none'",
    "hours_for_staff_are_those_volunteers_leave": f"update {PLAN} set hours_for_staff = hours_for_staff + 1",
    "nobody_is_reached_twice": f"update {PLAN} set reachable_doors = pool_people + 1",
    "staffing_numbers_are_not_negative": f"update {PLAN} set weeks_left = -1",
    "every_decision_has_a_reason": f"update {PLAN} set reason = 'because'",
}
DATA_TESTS = {
    "assert_field_plan_is_the_ledgers":
        "update marts.field_staffing_plan set vote_deficit = vote_deficit + 1",
    "assert_field_votes_at_doors_are_near_what_was_asked":
        "update marts.field_staffing_plan set door_votes = door_votes + 100",
    "assert_field_rules_are_complete": "delete from config.field_rules where name = 'capacity_weeks'",
}  # fmt: skip
