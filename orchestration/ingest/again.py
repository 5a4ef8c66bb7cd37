"""Bytes that were delivered before: a list that stayed as it was, an old file under a new date.

Belongs here: telling the two apart, for deliveries in any order of arrival. Does not belong here: rows that are
the same in other bytes (``content``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Kind
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.ledger import DeliveryRow, Status
from orchestration.ingest.receive import Received

if TYPE_CHECKING:
    from orchestration.ingest.judging import Bench


def is_duplicate(bench: Bench, received: Received) -> bool:
    """Enter a delivery that was sent again unchanged under a later date; whether it was one.

    A list may stay as it is, and an own account may have a quiet day. A voter file that did not change in the
    meantime is yesterday's file and is refused instead; a result file of one election cannot be that of another.
    """
    if not _may_stay(bench.contract) or received.refusal is not None:
        return False
    first = first_of(bench, received)
    if first is None:
        return False
    _duplicate(bench, received.delivery_id, first.id)
    return True


def first_of(bench: Bench, delivery: Received | DeliveryRow) -> DeliveryRow | None:
    """The accepted delivery of an earlier day (or of this one) that holds the same bytes, or None."""
    known_as = delivery.delivery_id if isinstance(delivery, Received) else delivery.id
    same = bench.ledger.with_content(delivery.source, delivery.content_sha256)
    found = (d for d in same if d.status is Status.ACCEPTED and d.id != known_as)
    return next((d for d in found if d.snapshot_date <= delivery.snapshot_date), None)


def demote_later(bench: Bench, received: Received) -> None:
    """Make duplicates of what was accepted for later days with the bytes of a delivery just accepted.

    One that comes late: whichever arrives first, the earliest day of the same bytes is the one that counts.
    """
    if not _may_stay(bench.contract):
        return
    for later in bench.ledger.with_content(received.source, received.content_sha256):
        if later.status is Status.ACCEPTED and later.snapshot_date > received.snapshot_date:
            _duplicate(bench, later.id, received.delivery_id)


def refuse_resend(bench: Bench, received: Received) -> None:
    """Refuse an old file under a new date; raises ``DeliveryRefused``."""
    for other in bench.ledger.with_content(received.source, received.content_sha256):
        if _may_stay(bench.contract) and other.snapshot_date > received.snapshot_date:
            continue
        if other.id != received.delivery_id and other.status in (Status.ACCEPTED, Status.SUPERSEDED, Status.PARSED):
            raise DeliveryRefused(
                "stale_resend", f"the same bytes were delivered for {other.snapshot_date}",
                expected=f"a file of {received.snapshot_date}", found=other.id,
                advice="The sender sent an old file again; ask for the current one",
            )  # fmt: skip


def _may_stay(contract: Contract) -> bool:
    """Whether the same bytes may lawfully come again on a later day."""
    return contract.kind is Kind.SNAPSHOT or (contract.kind is Kind.ACCUMULATE and contract.domain != "results")


def _duplicate(bench: Bench, delivery_id: str, first: str) -> None:
    at = bench.clock()
    cause = f"the same bytes as {first}, which stays in use"
    with bench.ledger.together():
        bench.ledger.step(delivery_id, "duplicate", at, cause=cause)
        bench.ledger.update(
            delivery_id, status=Status.DUPLICATE, cause_code="duplicate", cause=cause, decided_at=at,
            parser_version=bench.key, contract_version=bench.contract.version, contract_hash=bench.contract.hash,
        )  # fmt: skip
