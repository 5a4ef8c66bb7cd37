"""Deliveries that are not whole, or say a thing twice: what the form of a single value does not show."""


def without(table: str, column: str, where: str = "true") -> str:
    """A delivery without one of its counties."""
    return f"delete from accepted.{table} where {column} = (select min({column}) from accepted.{table}) and {where}"


def again(table: str, share: str) -> str:
    """A delivery of which a share was put into the file twice."""
    return f"insert into accepted.{table} from accepted.{table} limit {share}"


DELIVERED = {
    "mobilize_users.users_can_be_reached":
        "update accepted.mobilize_users set email_address = null, phone_number = null where line_number % 2 = 0",
    "media_market_rates.a_market_has_one_price":
        "update accepted.media_market_rates set cost_per_point_usd = '1' where rowid = (select min(rowid) from "
        "accepted.media_market_rates where market_id in (select market_id from accepted.media_market_rates "
        "group by market_id having count(*) > 1))",
    "fl_history.voter_election_rows_repeat_rarely": again("fl_history", "2%"),
    "nc_history.voter_election_rows_repeat_rarely": again("nc_history", "5%"),
    "va_history.voter_election_rows_repeat_rarely": again("va_history", "5%"),
    "pa_zone_types.zone_types_repeat_rarely": again("pa_zone_types", "5%"),
    "pa_zone_codes.zone_codes_repeat_rarely": again("pa_zone_codes", "5%"),
    "spoke_messages.messages_repeat_rarely": again("spoke_messages", "5%"),
    "thrutext_opt_outs.opt_outs_repeat_rarely": again("thrutext_opt_outs", "50%"),
    "nc_history.history_rows_are_votes":
        "update accepted.nc_history set voting_method = 'TRANSFER' where line_number % 10 < 7",
    "nc_history.every_county_has_rows": without("nc_history", "county_desc"),
    "nc_voters.every_county_has_rows": without("nc_voters", "county_desc"),
    "oh_voters.every_county_is_there": without("oh_voters", "county_number"),
    "va_voters.every_locality_has_rows": without("va_voters", "locality_code"),
    "pa_zone_types.every_county_has_its_legislative_zones":
        without("pa_zone_types", "county_name", "upper(zone_short_name) = 'STH'"),
    "pa_election_map.every_vote_slot_is_in_the_map": without("pa_election_map", "county_name"),
}  # fmt: skip
