"""Certified results and the people's history are two prints of the same ballots."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sample_reading import Sample, us_date

from orchestration.contracts.load import load_contracts
from orchestration.sample import SamplePlan, write_sample

NOT_VOTES = {"ELIGIBLE DID NOT VOTE", "TRANSFER"}


def number(text: str) -> int:
    return int(text.replace(",", ""))


def ballots(sample: Sample, state: str, day: str) -> dict[tuple[str, str], int]:
    """Ballots by county FIPS and precinct, from the truth."""
    frame = pl.read_parquet(sample.truth / "ballots" / f"{state}.parquet")
    rows = frame.filter(pl.col("election_date") == date.fromisoformat(day))
    return {(row["county_fips"], row["precinct"]): row["ballots"] for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("day", "contest"),
    [
        ("2016-11-08", "US PRESIDENT"),
        ("2020-11-03", "US PRESIDENT"),
        ("2022-11-08", "US SENATE"),
        ("2024-11-05", "US PRESIDENT"),
    ],
)
def test_north_carolina_counties_sum_to_the_people_who_voted_there(sample: Sample, day: str, contest: str) -> None:
    results: Counter[str] = Counter()
    for row in sample.table("nc_results", day):
        if row["Contest Name"] == contest:
            results[row["County"]] += number(row["Total Votes"])
    voted = Counter(
        row["voted_county_desc"]
        for row in sample.table("nc_history")
        if us_date(row["election_lbl"]).isoformat() == day and row["voting_method"] not in NOT_VOTES
    )
    rolloff = sum(voted.values()) - sum(results.values())
    if contest == "US PRESIDENT":
        assert +results == voted
    else:
        assert 0 <= rolloff < 0.03 * sum(voted.values())


def test_north_carolina_puts_three_votes_in_ten_into_administrative_rows(sample: Sample) -> None:
    votes: Counter[str] = Counter()
    for row in sample.table("nc_results", "2024-11-05"):
        if row["Contest Name"] == "US PRESIDENT":
            votes[row["Real Precinct"]] += number(row["Total Votes"])
    assert 0.2 < votes["N"] / votes.total() < 0.42


def test_north_carolina_renames_one_stop_in_2024(sample: Sample) -> None:
    headers = {
        day: next(iter(sample.members("nc_results", day).values())).decode().split("\r\n")[0].split("\t")
        for day in ("2016-11-08", "2022-11-08", "2024-11-05")
    }
    assert "One Stop" in headers["2016-11-08"]
    assert "One Stop" in headers["2022-11-08"]
    assert "Early Voting" in headers["2024-11-05"]
    assert "Real Precinct" not in headers["2016-11-08"]
    assert len(headers["2024-11-05"]) == 16
    assert headers["2024-11-05"][-1] == ""


def test_ohio_ballots_counted_are_the_people_who_voted(sample: Sample) -> None:
    path = sample.folder("oh_results", "2024-11-05") / "2024 President and Vice President.csv"
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert rows[0][0].startswith("November 5, 2024 General Election Official Canvass\n*Write-in")
    assert rows[0][8] == "President and Vice President\n"
    assert rows[1][:3] == ["County Name", "Precinct Name", "Precinct Code"]
    assert [row[0] for row in rows[2:4]] == ["Total", "Percentage"]
    precincts = rows[4:]
    assert sorted(number(row[6]) for row in precincts) == sorted(ballots(sample, "OH", "2024-11-05").values())
    for row in precincts:
        assert sum(map(number, row[8:])) == number(row[6]) <= number(row[5])
    assert [sum(number(row[place]) for row in precincts) for place in range(8, len(rows[1]))] == list(
        map(number, rows[2][8:])
    )


def test_virginia_lines_add_up_to_the_totals_line_and_to_the_ballots(sample: Sample) -> None:
    for day, contest in (("2018-11-06", "U_S_Senate"), ("2021-11-02", "Governor"), ("2024-11-05", "President")):
        name = f"Virginia_Elections_Database__{day[:4]}_{contest}_General_Election_including_precincts.csv"
        rows = list(csv.reader(io.StringIO((sample.folder("va_results", day) / name).read_text())))
        assert rows[0][:3] == ["County/City", "Ward", "Pct"]
        assert rows[0][-2:] == ["All Others", "Total Votes Cast"]
        assert len(rows[1]) == len(rows[0]) - 2
        assert rows[-1][0] == "TOTALS"
        for place in range(3, len(rows[0])):
            assert sum(number(row[place]) for row in rows[2:-1]) == number(rows[-1][place])
        if contest == "President":
            assert number(rows[-1][-1]) == sum(ballots(sample, "VA", day).values())
            assert any("Provisionals" in row[2] for row in rows)
        elif day < "2020":
            assert any(row[2] == "Ab - Central Absentee Precinct" for row in rows)
        else:
            assert any(row[2] == "##ev - Central Absentee Precinct" for row in rows)


@pytest.mark.parametrize("state", ["FL", "PA"])
@pytest.mark.parametrize("day", ["2020-11-03", "2024-11-05"])
def test_medsl_president_by_precinct_is_the_number_of_ballots(sample: Sample, state: str, day: str) -> None:
    votes: Counter[tuple[str, str]] = Counter()
    for row in sample.table("medsl_precinct", day, "utf-8"):
        if row["state_po"] == state and row["office"] == "US PRESIDENT":
            votes[row["county_fips"], row["precinct"]] += int(row["votes"])
    assert votes == ballots(sample, state, day)


def test_medsl_vintages_differ_as_published(sample: Sample) -> None:
    assert set(sample.members("medsl_precinct", "2024-11-05")) == {"fl24", "cleaned/2024-pa-precinct-general.csv"}
    headers = {
        day: next(iter(sample.members("medsl_precinct", day).values()))
        .decode()
        .split("\n")[0]
        .replace('"', "")
        .split(",")
        for day in ("2018-11-06", "2022-11-08", "2024-11-05")
    }
    assert [len(header) for header in headers.values()] == [25, 25, 24]
    assert "readme_check" not in headers["2024-11-05"]
    assert headers["2022-11-08"][-1] == "magnitude"


def test_house_votes_are_in_the_districts_of_the_voters(sample: Sample) -> None:
    contests = {row["Contest Name"] for row in sample.table("nc_results", "2024-11-05")}
    assert {f"US HOUSE OF REPRESENTATIVES DISTRICT {number:02d}" for number in range(1, 15)} <= contests
    assert {f"NC HOUSE OF REPRESENTATIVES DISTRICT {number:03d}" for number in range(1, 121)} <= contests


def test_control_totals_are_what_the_results_sum_to(sample: Sample) -> None:
    with (sample.landing.parent / "control_totals.csv").open() as file:
        everything = list(csv.DictReader(file))
    assert {row["office_code"] for row in everything} == {"us_president", "us_senate", "governor"}
    rows = [row for row in everything if (row["state"], row["election_date"]) == ("NC", "2024-11-05")]
    wanted = {row["party_code"]: int(row["votes"]) for row in rows if row["office_code"] == "us_president"}
    votes: Counter[str] = Counter()
    for row in sample.table("nc_results", "2024-11-05"):
        if row["Contest Name"] == "US PRESIDENT":
            votes[row["Choice Party"][:1]] += number(row["Total Votes"])
    assert wanted == {party: votes[party] for party in "DR"}


@pytest.fixture(scope="module")
def real_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up county table in the form of the real one: shares from 15 to 85 per cent, one county much larger."""
    from orchestration.sample.counties import listed

    lines = ["year,state,county_fips,county_name,votes_dem,votes_rep,votes_total"]
    for year in (2016, 2020, 2024):
        for place, row in enumerate(listed("VA")):
            whole = 90_000 if place == 50 else 1_000 + 37 * place
            dem = round(whole * (0.15 + 0.7 * ((place * 7 + year) % 100) / 100))
            lines.append(f"{year},VA,{row['fips']},{row['name']},{dem},{whole - dem},{whole + 20}")
    lines.append("2024,GA,13001,Appling,1,2,3")
    path = tmp_path_factory.mktemp("real") / "county_president.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_of_real_results_is_reproduced_in_every_county(real_table: Path, tmp_path: Path) -> None:
    plan = SamplePlan(("VA",), 12_000, 1, 3, results=real_table)
    write_sample(plan, tmp_path / "landing", tmp_path / "truth")
    with real_table.open() as file:
        real = {(row["year"], row["county_fips"]): row for row in csv.DictReader(file) if row["state"] == "VA"}
    made = Sample(tmp_path / "landing", tmp_path / "truth", None).table("county_president", "2024-11-05")  # type: ignore[arg-type]
    compared = [row for row in made if (row["year"], row["county_fips"]) in real]
    assert len(compared) == 3 * 133
    for row in compared:
        target = real[row["year"], row["county_fips"]]
        two = int(row["votes_dem"]) + int(row["votes_rep"])
        share = int(target["votes_dem"]) / (int(target["votes_dem"]) + int(target["votes_rep"]))
        assert abs(int(row["votes_dem"]) - share * two) <= 0.5 + 1e-9
    votes = {row["county_fips"]: int(row["votes_total"]) for row in made if row["year"] == "2024"}
    largest = max(votes, key=lambda fips: votes[fips])
    assert real["2024", largest]["votes_total"] == "90020"


def test_the_control_totals_name_the_files_they_belong_to(sample: Sample) -> None:
    said = json.loads((sample.landing.parent / "control_totals.files.json").read_text())
    held = {c.id for c in load_contracts().values() if c.control_totals}
    files = [p for p in sample.landing.rglob("*") if p.is_file() and p.relative_to(sample.landing).parts[0] in held]
    assert files
    assert said == {p.relative_to(sample.landing).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
