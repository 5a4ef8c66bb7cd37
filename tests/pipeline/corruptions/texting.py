"""Texting: opt-outs, conversations, messages."""

ONE = "where message = (select min(message) from message_response)"
CORRUPTIONS: dict[str, str] = {
    "reply_sentiment_is_known": "update sms_conversations set reply_sentiment = 'great'",
    "who_said_stop_is_opted_out": "update sms_conversations set reply_sentiment = 'stop', opted_out_at = null",
    "last_message_is_not_before_the_first":
        "update sms_conversations set last_message_at = first_message_at - interval 1 day",
    "no_cell_is_small": "update message_response set sent = 10",
    "pooled_rate_lies_in_its_interval": f"update message_response set pooled_rate_high = pooled_rate - 0.000001 {ONE}",
    "response_shares_are_shares": f"update message_response set p_best = 1.1 {ONE}",
    "a_winner_has_the_numbers": f"update message_response set is_winner = true, p_best = 0.5 {ONE}",
    "one_wording_to_send_per_segment": f"update message_response set is_to_send = not is_to_send {ONE}",
}  # fmt: skip
DATA_TESTS = {
    "assert_every_opt_out_can_be_read":
        "update accepted.opt_outs set contact = null where contact = (select min(contact) from accepted.opt_outs)",
}  # fmt: skip
