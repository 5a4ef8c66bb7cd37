"""Tables of real results are understood in their published forms, and refused in words otherwise."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from orchestration.sample import targets
from orchestration.sample.counties import listed

FIPS = [row["fips"] for row in listed("OH")]
NAMES = [row["name"].title() for row in listed("OH")]


def test_medsl_precincts_in_a_zip_are_summed_by_county_and_mode(tmp_path: Path) -> None:
    lines = ["precinct,office,party_simplified,mode,votes,county_fips,year,state_po"]
    for fips in FIPS:
        lines += [
            f"A,US PRESIDENT,DEMOCRAT,{mode},{votes},{fips},2024,OH" for mode, votes in (("MAIL", 10), ("POLLS", 20))
        ]
        lines += [f"B,US PRESIDENT,REPUBLICAN,TOTAL,5,{fips},2024,OH", f"B,US HOUSE,DEMOCRAT,TOTAL,900,{fips},2024,OH"]
    lines = [line for line in lines if f",{FIPS[0]}," not in line or ",TOTAL," not in line]
    lines.append(f"B,US PRESIDENT,REPUBLICAN,MAIL,30,{FIPS[0]},2024,OH")
    path = tmp_path / "oh24.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("oh24.csv", "\n".join(lines))
    shares = targets.read(path)
    # The first county has modes only, the others a TOTAL row, which stands for all.
    assert shares.shares("OH", FIPS[:1])[2024][0] == 0.5


def test_openelections_counties_are_matched_by_name(tmp_path: Path) -> None:
    lines = ["county,office,district,party,candidate,votes"]
    for name in NAMES:
        lines += [
            f"{name},President,,DEM,A B,60",
            f'{name},President,,REP,C D,"1,140"',
            f"{name},U.S. House,1,DEM,E F,7",
        ]
    lines += ["Total,President,,DEM,A B,999"]
    path = tmp_path / "20241105__oh__general__county.csv"
    path.write_text("\n".join(lines))
    table = targets.read(path)
    assert table.years("OH") == [2024]
    assert set(table.totals("OH", FIPS)) == {1_200}
    assert set(table.shares("OH", FIPS)[2024]) == {0.05}


def test_an_older_table_stands_for_2024(tmp_path: Path) -> None:
    lines = ["year,state,county_fips,county_name,votes_dem,votes_rep,votes_total"]
    lines += [f"2012,OH,{fips},x,1,3,4" for fips in FIPS]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    assert set(targets.read(path).shares("OH", FIPS)[2024]) == {0.25}


def test_an_unknown_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("precinct,ja,nein\n1,2,3\n")
    with pytest.raises(ValueError, match=r"t\.csv, line 1: header not understood\. Found: precinct, ja, nein"):
        targets.read(path)


def test_a_missing_county_is_named(tmp_path: Path) -> None:
    lines = ["year,state,county_fips,county_name,votes_dem,votes_rep,votes_total"]
    lines += [f"2024,OH,{fips},x,1,3,4" for fips in FIPS[1:]]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match="1 of 88 counties of OH \\(first: ADAMS\\)"):
        targets.read(path).totals("OH", FIPS)


def test_a_state_without_rows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("year,state,county_fips,county_name,votes_dem,votes_rep,votes_total\n2024,OH,39001,x,1,2,3\n")
    with pytest.raises(ValueError, match="no presidential rows for state NC"):
        targets.read(path).years("NC")


@pytest.mark.parametrize("name", ["absent.csv", "20241105_oh.csv"])
def test_a_missing_file_and_a_nameless_table_are_refused(tmp_path: Path, name: str) -> None:
    if name != "absent.csv":
        (tmp_path / name).write_text("county,office,party,votes\nAdams,President,DEM,1\n")
    with pytest.raises(ValueError, match=r"no such file|says its date and state in its name"):
        targets.read(tmp_path / name)
