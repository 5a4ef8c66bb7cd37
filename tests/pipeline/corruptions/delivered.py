"""Deliveries that are not whole, or say a thing twice: what the form of a single value does not show."""


def without(table: str, column: str, where: str = "true") -> str:
    """A delivery without one of its counties."""
    return f"delete from accepted.{table} where {column} = (select min({column}) from accepted.{table}) and {where}"


DELIVERED = {
    "media_market_rates.a_market_has_one_price":
        "update accepted.media_market_rates set cost_per_point_usd = '1' where rowid = (select min(rowid) from "
        "accepted.media_market_rates where market_id in (select market_id from accepted.media_market_rates "
        "group by market_id having count(*) > 1))",
    "fl_history.voter_election_rows_repeat_rarely": "insert into accepted.fl_history from accepted.fl_history limit 2%",
    "nc_history.voter_election_rows_repeat_rarely": "insert into accepted.nc_history from accepted.nc_history limit 5%",
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
