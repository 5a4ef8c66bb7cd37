"""Real deliveries taken in from landing to the verdict, by the code that runs every day."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from realdata import ELECTIONS, contract_of

from orchestration.ingest.run import DeliveryOutcome, ingest_source

pytestmark = pytest.mark.slow


def taken_in(home: Path, source: str) -> DeliveryOutcome:
    [outcome] = ingest_source(home, contract_of(source))
    return outcome


def test_the_official_file_of_north_carolina_is_accepted_and_a_shortened_copy_is_refused(tmp_path: Path) -> None:
    original = next((ELECTIONS / "nc_sbe").glob("*.zip"))
    whole, short = tmp_path / "whole", tmp_path / "short"
    for home in (whole, short):
        (home / "landing" / "nc_results" / "2024-11-05").mkdir(parents=True)
    shutil.copyfile(original, whole / "landing" / "nc_results" / "2024-11-05" / original.name)
    accepted = taken_in(whole, "nc_results")
    assert (accepted.status, accepted.accepted, accepted.quarantined) == ("accepted", 233_510, 0)

    with zipfile.ZipFile(original) as archive:
        [name] = archive.namelist()
        lines = archive.read(name).splitlines(keepends=True)
    # Whole lines are missing: nothing but the sum can show it.
    kept = b"".join(line for line in lines if not line.startswith(b"DARE\t"))
    (short / "landing" / "nc_results" / "2024-11-05" / name).write_bytes(kept)
    refused = taken_in(short, "nc_results")
    assert refused.status == "refused"
    assert "control_total" in str(refused.cause)


def test_the_precinct_files_of_pennsylvania_are_accepted_with_their_known_difference(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "medsl_precinct" / "2024-11-05"
    folder.mkdir(parents=True)
    shutil.copyfile(ELECTIONS / "medsl" / "pa24.zip", folder / "pa24.zip")
    outcome = taken_in(tmp_path, "medsl_precinct")
    assert outcome.status == "accepted"
    assert sum("as known" in r.message for r in outcome.checks) == 4
