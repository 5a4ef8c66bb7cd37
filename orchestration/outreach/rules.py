"""What an export may be made for, and for whom: purposes, vendors, platforms, places of files.

Belongs here: refusing an export before a row is read, each refusal naming its rule. Does not belong here: leaving out
single people (``selection``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from orchestration.compliance.platforms import REFUSED as REFUSED_PLATFORMS
from orchestration.compliance.platforms import TAKES_HASHED_LISTS as ALLOWED_PLATFORMS
from orchestration.compliance.uses import PURPOSES
from orchestration.contracts.model import Contract
from orchestration.outreach.universes import Universe, Universes

VENDORS = ("hustle", "spoke", "thrutext")
CHANNELS = ("sms", "phone", "email", "mail", "walk", "digital")


class ExportRefused(Exception):
    """A rule forbids the export; the message names the rule and what to do."""


def check_request(
    universes: Universes,
    universe: Universe,
    contracts: Mapping[str, Contract],
    *,
    channel: str,
    purpose: str,
    vendor: str | None,
    platform: str | None,
) -> None:
    """Raise ``ExportRefused`` when the request as such is unlawful, ``ValueError`` when it makes no sense."""
    if channel not in CHANNELS:
        raise ValueError(f"--channel {channel!r} is not one of {', '.join(CHANNELS)}")
    if purpose not in PURPOSES:
        raise ValueError(f"--purpose {purpose!r} is not one of {', '.join(PURPOSES)}")
    if channel not in universe.channels:
        raise ExportRefused(
            f"rule channels-of-a-universe: {universe.id} may be approached by {', '.join(universe.channels)}, not by "
            f"{channel}; universes.yaml says so"
        )
    _check_recipient(channel, vendor, platform)
    for name in universe.rule.names():
        table = universes.conditions[name].table
        allowed = contracts[table].permitted_use
        if purpose not in allowed:
            raise ExportRefused(
                f"rule permitted-use: {universe.id} is found by {table}, which may serve {', '.join(allowed)}, "
                f"not {purpose}"
            )
    if purpose != universe.purpose:
        raise ExportRefused(
            f"rule purpose-of-a-universe: {universe.id} was defined for {universe.purpose}; "
            f"for {purpose} define a universe of its own in universes.yaml"
        )


def permitted_sources(contracts: Mapping[str, Contract], purpose: str) -> tuple[str, ...]:
    """The delivered sources whose contacts may be used for the purpose."""
    return tuple(sorted(c.id for c in contracts.values() if c.domain != "published" and purpose in c.permitted_use))


def check_target(target: Path, home: Path, project: Path) -> Path:
    """Where the file will be, made absolute; refuses places from which it would be published or committed.

    Raises ``ExportRefused`` for a place inside the project or the home, ``ValueError`` for one that cannot be written.
    """
    whole = target.expanduser()
    if whole.is_symlink():
        raise ValueError(f"{whole}: is a link; name the file itself")
    if not whole.parent.is_dir():
        raise ValueError(f"{whole.parent}: no such folder; make it first, private to you")
    whole = whole.parent.resolve() / whole.name
    private = {home.resolve(): "the home, where releases and archive are", project.resolve(): "the project"}
    for place, what in private.items():
        if whole.is_relative_to(place):
            raise ExportRefused(f"rule place-of-an-export: {whole} lies in {what}; people's records stay out of it")
    if whole.exists():
        raise ValueError(f"{whole}: exists already; an export on the record is never overwritten")
    return whole


def _check_recipient(channel: str, vendor: str | None, platform: str | None) -> None:
    if channel == "sms":
        if vendor is None:
            raise ValueError(f"--channel sms needs --vendor: {', '.join(VENDORS)}")
        if vendor not in VENDORS:
            raise ValueError(f"--vendor {vendor!r} is not one of {', '.join(VENDORS)}")
    elif vendor is not None:
        raise ValueError("--vendor belongs to --channel sms")
    if channel == "digital":
        if platform is None:
            raise ValueError(f"--channel digital needs --platform: {', '.join(ALLOWED_PLATFORMS)}")
        if platform in REFUSED_PLATFORMS:
            raise ExportRefused(f"rule no-customer-lists-at-google ({platform}): {REFUSED_PLATFORMS[platform]}")
        if platform not in ALLOWED_PLATFORMS:
            raise ValueError(
                f"--platform {platform!r} is not known to take hashed lists for election ads; known: "
                f"{', '.join(ALLOWED_PLATFORMS)}"
            )
    elif platform is not None:
        raise ValueError("--platform belongs to --channel digital")
