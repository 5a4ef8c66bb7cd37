"""Which advertising platforms may be handed a list of people for election ads.

Belongs here: the platforms and what they do not allow. Does not belong here: making the file (``outreach``). A platform
that is not named here takes no list: somebody has to read its terms first.
"""

from __future__ import annotations

from collections.abc import Mapping

CUSTOMER_LISTS = "platforms.customer_lists"
GOOGLE = (
    "Google election ads in the United States (since 6 January 2020) may be aimed by age, gender and location down to "
    "the postal code only: a customer list, or anything else from a voter file, may not be used"
)
REFUSED: Mapping[str, str] = {"google": GOOGLE, "youtube": GOOGLE, "dv360": GOOGLE}
# They take SHA-256 hashes of normalised e-mail addresses and telephone numbers, made before anything leaves the house.
TAKES_HASHED_LISTS = ("meta",)


def refusal(platform: str) -> str | None:
    """Why ``platform`` may not be handed a list of people, naming the rule; None when it may."""
    if platform in TAKES_HASHED_LISTS:
        return None
    known = REFUSED.get(platform, f"nobody has read its terms; known to allow it: {', '.join(TAKES_HASHED_LISTS)}")
    return f"rule {CUSTOMER_LISTS} ({platform}): {known}"
