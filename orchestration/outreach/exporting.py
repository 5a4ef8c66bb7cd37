"""One export from request to file and record.

Belongs here: the order of the steps. Does not belong here: how each is done (the modules beside this one).

The refresh's lock is held from the taking in of opt-outs until the file has its name, so that no opt-out is received
in between and no two exports are written at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract
from orchestration.ingest.opt_outs import with_opt_outs
from orchestration.outreach import record
from orchestration.outreach.channels import file_bytes
from orchestration.outreach.rules import ExportRefused, check_request, check_target, permitted_sources
from orchestration.outreach.selection import Filters, HoldOut, choose
from orchestration.outreach.universes import Universes, load_universes
from orchestration.publish.candidate import CURRENT, read_release_id
from orchestration.publish.errors import NoSuchRelease
from orchestration.publish.lock import single_writer
from orchestration.settings import PROJECT_ROOT, Paths


class OptOutsUnread(Exception):
    """A delivery that may hold opt-outs was refused or is not whole: nobody knows who asked to be left alone since."""


@dataclass(frozen=True)
class Request:
    """What is asked for. ``by``: who asks; it goes on record."""

    universe: str
    channel: str
    purpose: str
    target: Path
    by: str
    vendor: str | None = None
    platform: str | None = None
    filters: Filters = field(default_factory=Filters)
    hold_out: HoldOut = field(default_factory=HoldOut)


def export(
    paths: Paths,
    request: Request,
    *,
    universes: Universes | None = None,
    contracts: Mapping[str, Contract] | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Make one export; returns its entry in the record.

    Raises ``ExportRefused`` (a rule forbids it), ``ValueError`` (the request makes no sense), ``LookupError`` (no such
    universe), ``NoSuchRelease``, ``Busy`` (a refresh is running), ``OptOutsUnread``, ``record.TamperedRecord``.
    """
    universes = universes or load_universes()
    contracts = contracts if contracts is not None else load_contracts()
    universe = universes.get(request.universe)
    if not request.by.strip():
        raise ValueError("say who exports: --by")
    check_request(
        universes, universe, contracts, channel=request.channel, purpose=request.purpose, vendor=request.vendor,
        platform=request.platform,
    )  # fmt: skip
    if not 0 <= request.hold_out.share < 1:
        raise ValueError(f"--holdout {request.hold_out.share} is not a share from 0 to below 1")
    target = check_target(request.target, paths.home, PROJECT_ROOT)
    made_at = now or datetime.now(UTC)
    export_id = f"E{made_at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    with single_writer(paths.lock, export_id, "export"):
        _take_in_opt_outs(paths, contracts)
        release = (paths.home / CURRENT).resolve()
        if not release.is_dir():
            raise NoSuchRelease(f"{paths.home}: nothing is published there yet; run `winnumber refresh`")
        chosen = choose(
            paths.home, release, _delivered(contracts), universe=universe.id, channel=request.channel,
            sources=permitted_sources(contracts, request.purpose), filters=request.filters, hold_out=request.hold_out,
        )  # fmt: skip
        contacted = chosen.people.filter(chosen.people["arm"] == "contact")
        if contacted.is_empty():
            raise ExportRefused(_nobody(request, chosen.left_out))
        members = chosen.people.unique("person_id", keep="first", maintain_order=True)
        held = members.filter(members["arm"] == "hold_out").height
        entry = {
            "export_id": export_id,
            "at": made_at.astimezone(UTC).isoformat(timespec="seconds"),
            "by": request.by,
            "universe": universe.id,
            "channel": request.channel,
            "purpose": request.purpose,
            "recipient": request.vendor or request.platform,
            "release_id": read_release_id(release),
            "filters": request.filters.document(),
            "hold_out": {"share": request.hold_out.share, "seed": request.hold_out.seed},
            "people": members.height - held,
            "households": contacted["household_id"].n_unique(),
            "held_out": held,
            "left_out": dict(sorted(chosen.left_out.items())),
        }
        content = file_bytes(contacted, request.channel, request.vendor)
        return record.write_export(paths.home, target, content, _with_hashes(members), entry)


def _take_in_opt_outs(paths: Paths, contracts: Mapping[str, Contract]) -> None:
    """Receive what has landed of the sources that may hold opt-outs; Raises ``OptOutsUnread``."""
    from orchestration.ingest.run import ingest_source

    for contract in with_opt_outs(_delivered(contracts)):
        for outcome in ingest_source(paths.home, contract):
            if outcome.status in ("refused", "waiting"):
                what = "was refused" if outcome.status == "refused" else "is not whole yet"
                raise OptOutsUnread(f"{outcome.delivery_id} {what}, and there may be opt-outs in it: {outcome.cause}")


def _delivered(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    return {name: c for name, c in contracts.items() if c.domain != "published"}


def _with_hashes(members: Any) -> Any:
    """The members as kept: a hold-out was not contacted, so there is no contact to match by."""
    import polars as pl

    return members.with_columns(contact_hash=pl.when(pl.col("arm") == "contact").then(pl.col("contact_hash")))


def _nobody(request: Request, left_out: Mapping[str, int]) -> str:
    """Why an export holds nobody, naming the rule that left most people out."""
    said = "; ".join(f"{count:,} {reason_in_words(reason)}" for reason, count in sorted(left_out.items()))
    forbidden = sorted(r.split(":", 1)[1] for r in left_out if r.startswith("use_not_permitted:"))
    rule = f"rule permitted-use: {', '.join(forbidden)} may not serve {request.purpose}. " if forbidden else ""
    return f"{rule}Nobody of {request.universe} is left for {request.channel}: {said or 'nobody matches the filters'}"


def reason_in_words(reason: str) -> str:
    """A reason for leaving somebody out, for people."""
    kind, _, source = reason.partition(":")
    return {
        "protected": "guarded by their state",
        "opted_out": "opted out",
        "opted_out_since_release": "opted out since the release",
        "minor": "under age",
        "shared_with_protected": "with a contact that somebody guarded by their state shares",
        "no_contact": "without a contact for the channel",
        "repeated_number": "whose number is in the file already",
        "use_not_permitted": f"known only from {source}, which may not serve the purpose",
    }.get(kind, kind)
