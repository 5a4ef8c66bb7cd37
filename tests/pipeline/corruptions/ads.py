"""How the rules of the advertising and media tables are broken."""

from __future__ import annotations

PLAN = "media_market_plan"
CORRUPTIONS = {
    "figures_are_not_negative": "update ad_response set clicks = -1",
    "cost_is_the_quotient_or_null": "update ad_response set cost_per_conversion_usd = 0 where conversions = 0",
    "lift_lies_in_its_interval": "update ad_response set lift_share = lift_high_share + 1",
    "lift_is_claimed_of_hold_outs_only": "update ad_response set test_id = null",
    "bounds_are_in_order": "update opponent_ad_spend set spend_low_usd = spend_high_usd + 1",
    "opponent_ad_spend.weeks_begin_on_sunday": "update opponent_ad_spend set week_start_date = week_start_date + 1",
    "side_is_known_by_its_words": "update opponent_ad_spend set side = 'allied'",
    "market_ranks_are_unique": f"update {PLAN} set market_rank = 1",
    "audience_shares_are_shares": f"update {PLAN} set in_state_share = 1.2",
    "recommendation_is_known_by_its_words": f"update {PLAN} set recommendation = 'maybe'",
    "markets_without_rates_have_no_figures": f"update {PLAN} set planned_cost_usd = coalesce(planned_cost_usd, 0)",
    "persuadables_add_up_to_the_contest": f"update {PLAN} set persuasion_pool = persuasion_pool + 1",
}
DATA_TESTS = {
    "assert_ads_every_dollar_is_published_once": "update marts.ad_response set spend_usd = spend_usd * 2",
    "assert_ads_persuadables_by_market_are_the_contests": f"delete from marts.{PLAN} where market_rank = 1",
}
