"""Warnings in the ledger: since when, until when, and who said that it is so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.drift.checks import STANDING, _standing
from orchestration.drift.standing import STANDS_DAYS, Standing
from orchestration.gates.checks import Status

COUNTY = ("voters", "county", "NC:37001")
PARTY = ("voters", "party", "NC:D")
DAY = "2026-09-{:02}T05:00:00+00:00"


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    with Standing(tmp_path / "ledger.sqlite") as found:
        yield found


def acknowledge(standing: Standing, **changes: object) -> int:
    said: dict[str, object] = {
        "reason": "list maintenance", "by": "Ana", "at": DAY.format(2), "until": DAY.format(5), "release_id": "r1",
        "covered": [(COUNTY, 90)], **changes,
    }  # fmt: skip
    return standing.acknowledge("voters_by_county:NC", **said)  # type: ignore[arg-type]


def test_a_warning_keeps_the_day_it_was_first_seen_and_the_release_before_it(standing: Standing) -> None:
    standing.see([COUNTY], "r1", "r0", DAY.format(1))
    standing.see([COUNTY, PARTY], "r2", "r1", DAY.format(2))
    first, second = standing.open_warnings()
    assert (first.key, first.first_seen, first.release_before) == (COUNTY, DAY.format(1), "r0")
    assert (second.key, second.first_seen, second.release_before) == (PARTY, DAY.format(2), "r1")
    assert first.expires == datetime(2026, 9, 1 + STANDS_DAYS, 5, tzinfo=UTC)


def test_one_that_comes_back_starts_anew(standing: Standing) -> None:
    standing.see([COUNTY], "r1", "r0", DAY.format(1))
    standing.see([], "r2", "r1", DAY.format(2))
    assert standing.open_warnings() == []
    standing.see([COUNTY], "r3", "r2", DAY.format(3))
    assert [w.first_seen for w in standing.open_warnings()] == [DAY.format(3)]


def test_a_warning_becomes_an_error_at_its_expiry_and_not_before(standing: Standing) -> None:
    standing.see([COUNTY], "r1", "r0", DAY.format(1))
    (warned,) = standing.open_warnings()
    before = _standing([warned], warned.expires - timedelta(seconds=1))
    at = _standing([warned], warned.expires)
    assert (before.status, before.message) == (Status.PASS, "")
    assert (at.check_id, at.status, at.unexpected) == (STANDING, Status.FAIL, 1)
    assert "voters_by_county:NC:37001 since 2026-09-01" in at.message


def test_an_acknowledgement_closes_the_warnings_it_covers_and_no_others(standing: Standing) -> None:
    standing.see([COUNTY, PARTY], "r1", "r0", DAY.format(1))
    acknowledge(standing)
    assert [w.key for w in standing.open_warnings()] == [PARTY]


def test_an_acknowledgement_is_in_force_until_its_end_and_stays_on_record(standing: Standing) -> None:
    number = acknowledge(standing)
    assert [a.id for a in standing.acknowledgements(DAY.format(2))] == [number]
    assert standing.acknowledgements(DAY.format(5)) == []
    (said,) = standing.acknowledgements()
    assert (said.reason, said.by_whom, said.observed) == ("list maintenance", "Ana", ((COUNTY, 90),))


@pytest.mark.parametrize(
    ("changes", "cause"),
    [({"reason": " "}, "a reason and a name"), ({"by": ""}, "a reason and a name"),
     ({"until": DAY.format(2)}, "not after"), ({"covered": []}, "covers nothing")],
)  # fmt: skip
def test_an_acknowledgement_needs_a_reason_a_name_an_end_and_something_to_cover(
    standing: Standing, changes: dict[str, object], cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        acknowledge(standing, **changes)
    assert standing.acknowledgements() == []
