"""Texting: opt-outs, conversations, messages."""

CORRUPTIONS: dict[str, str] = {}
DATA_TESTS = {
    "assert_every_opt_out_can_be_read": """
        drop view accepted.opt_outs;
        create table accepted.opt_outs as select 'spoke_contacts' as source, 'd' as delivery_id, 'f' as source_file,
            2 as line_number, null::varchar as contact""",
}
