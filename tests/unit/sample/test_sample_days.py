"""What changes from one day of the sample to the next, and the truth kept beside it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from sample_reading import DAYS, Sample, us_date


def registrations(sample: Sample, source: str, day: str) -> dict[str, date]:
    """Identity -> registration date of the rows of a voter file."""
    if source == "nc_voters":
        rows = sample.table(source, day)
        return {row["ncid"]: us_date(row["registr_dt"]) for row in rows if "#" not in row["registr_dt"]}
    if source == "oh_voters":
        rows = sample.table(source, day)
        return {row["SOS_VOTERID"]: date.fromisoformat(row["REGISTRATION_DATE"]) for row in rows}
    if source == "va_voters":
        rows = sample.table(source, day)
        return {row["IDENTIFICATION_NUMBER"]: us_date(row["REGISTRATION_DATE"]) for row in rows}
    if source == "fl_voters":
        return {row[1]: us_date(row[22]) for row in sample.records(source, ".txt", day)}
    return {row[0]: us_date(row[8]) for row in sample.records(source, " FVE ", day, quoted=True)}


SOURCES = ("nc_voters", "oh_voters", "fl_voters", "va_voters", "pa_voters")


@pytest.mark.parametrize("source", SOURCES)
def test_the_newest_registration_is_of_the_snapshot_date_on_every_day(sample: Sample, source: str) -> None:
    for day in DAYS:
        dates = list(registrations(sample, source, day).values())
        assert max(dates) == date.fromisoformat(day)
        assert dates.count(max(dates)) >= 2


@pytest.mark.parametrize("source", SOURCES)
def test_the_second_day_has_newcomers_and_little_else(sample: Sample, source: str) -> None:
    first, second = (registrations(sample, source, day) for day in DAYS)
    assert len(second.keys() - first.keys()) >= 2
    assert len(first.keys() - second.keys()) < 0.02 * len(first)


def test_the_second_day_has_moves_switches_and_removals(sample: Sample) -> None:
    first, second = ({row["ncid"]: row for row in sample.table("nc_voters", day)} for day in DAYS)
    both = first.keys() & second.keys()
    assert first.keys() <= second.keys(), "removed people keep their rows in North Carolina"
    changed = [name for name in both if first[name] != second[name]]
    assert 0 < len(changed) < 0.02 * len(both)
    gone = set()
    for source in ("oh_voters", "fl_voters", "va_voters", "pa_voters"):
        before, after = (registrations(sample, source, day) for day in DAYS)
        gone |= before.keys() - after.keys()
    assert gone


def test_truth_is_kept_apart_and_matches_the_voters_on_file(sample: Sample) -> None:
    truth = pl.read_parquet(sample.truth / "NC.parquet")
    on_file = {row["ncid"]: row for row in sample.table("nc_voters") if row["status_cd"] in "AIS"}
    assert set(truth["voter_id"]) == on_file.keys()
    assert truth["p_turnout"].is_between(0, 1).all()
    assert truth["p_support_dem"].is_between(0, 1).all()
    precincts = dict(zip(truth["voter_id"], truth["precinct"], strict=True))
    assert all(precincts[name] == row["precinct_abbrv"] for name, row in on_file.items())
    assert not [path for path in sample.landing.rglob("*") if path.suffix == ".parquet"]
    for state, source in (("OH", "oh_voters"), ("FL", "fl_voters"), ("VA", "va_voters"), ("PA", "pa_voters")):
        ids = set(pl.read_parquet(sample.truth / f"{state}.parquet")["voter_id"])
        assert ids == registrations(sample, source, DAYS[0]).keys()


def test_history_tells_who_is_likely_to_vote(sample: Sample) -> None:
    truth = pl.read_parquet(sample.truth / "OH.parquet").select("voter_id", "p_turnout")
    rows = pl.DataFrame(
        [
            {
                "voter_id": row["SOS_VOTERID"],
                "voted": row["GENERAL-11/08/2022"] == "X" and row["GENERAL-11/05/2024"] == "X",
            }
            for row in sample.table("oh_voters")
        ]
    )
    means = dict(truth.join(rows, on="voter_id").group_by("voted").agg(pl.col("p_turnout").mean()).iter_rows())
    assert means[True] > means[False] + 0.25


def test_registration_tells_which_side_a_voter_is_on(sample: Sample) -> None:
    truth = pl.read_parquet(sample.truth / "NC.parquet").group_by("party").agg(pl.col("p_support_dem").mean())
    means = dict(truth.iter_rows())
    assert means["DEM"] > 0.7
    assert means["REP"] < 0.3
    assert 0.3 < means["IND"] < 0.7
