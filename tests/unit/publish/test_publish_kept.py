"""A kept release is held against its own record: signed, or known to be from before records were signed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from publish_samples import GATE_KEY, demanded, make_home

from orchestration.gates import signing
from orchestration.publish import files as fs
from orchestration.publish.errors import DamagedRelease
from orchestration.publish.releases import Release, publish_demanded, rollback, verify_release

Make = Callable[..., Path]


def published(folder: Path, home: Path) -> Release:
    return publish_demanded(folder, folder / "gate.json", home, demanded)


def as_before_signatures(gate_json: Path) -> None:
    """Rewrite a record to the form it had before records were signed."""
    body: dict[str, Any] = json.loads(gate_json.read_text())
    verdict = body.pop("verdict")
    del body["signature"], body["digest"], body["required_tests"]
    body |= {"format": 1, "minimum_dbt_tests": len(body["dbt_tests"])}
    digest = hashlib.sha256(fs.canonical_json(body)).hexdigest()
    gate_json.chmod(0o644)
    gate_json.write_bytes(fs.pretty_json({"verdict": verdict, "digest": digest, **body}))


@pytest.fixture
def old_home(candidate: Make, home: Path) -> Path:
    """A home whose only release is from before records were signed, and which has no key yet."""
    release = published(candidate(1), home)
    as_before_signatures(release.path / "gate.json")
    shutil.rmtree(home / "secrets")
    return home


def sign_from_now_on(home: Path) -> None:
    """What the first gate with a key does; the key is the one that the candidates here are signed with."""
    signing.signing_key(home)
    (home / "secrets" / "gate.key").write_bytes(GATE_KEY)


def test_a_release_from_before_signatures_verifies_before_and_after_the_first_key(
    candidate: Make, old_home: Path
) -> None:
    assert verify_release(old_home).release_id == "20260901-00000001"
    assert not (old_home / "secrets").exists()
    sign_from_now_on(old_home)
    assert list(signing.unsigned_releases(old_home)) == ["20260901-00000001"]
    published(candidate(2), old_home)
    assert rollback(old_home, reason="a bad day", by="Ada").release_id == "20260901-00000001"
    assert verify_release(old_home).release_id == "20260901-00000001"


def test_nothing_else_passes_for_a_release_from_before_signatures(candidate: Make, old_home: Path) -> None:
    sign_from_now_on(old_home)
    later = published(candidate(2), old_home)
    as_before_signatures(later.path / "gate.json")
    with pytest.raises(DamagedRelease, match="it is not signed"):
        verify_release(old_home)
    old = old_home / "releases" / "20260901-00000001" / "gate.json"
    body = json.loads(old.read_text())
    body["results"][0]["evaluated"] += 1
    stripped = {name: value for name, value in body.items() if name not in ("digest", "verdict")}
    body["digest"] = hashlib.sha256(fs.canonical_json(stripped)).hexdigest()
    old.write_bytes(fs.pretty_json(body))
    with pytest.raises(DamagedRelease, match="it is not signed"):
        verify_release(old_home, "20260901-00000001")


def test_an_edited_record_from_before_signatures_is_noticed_by_its_digest(old_home: Path) -> None:
    record = old_home / "releases" / "20260901-00000001" / "gate.json"
    record.write_text(record.read_text().replace('"evaluated": 50', '"evaluated": 51', 1))
    with pytest.raises(DamagedRelease, match="its digest does not match"):
        verify_release(old_home)


def test_the_list_of_releases_from_before_is_made_once_and_for_the_owner_alone(candidate: Make, old_home: Path) -> None:
    sign_from_now_on(old_home)
    listed = old_home / "secrets" / signing.UNSIGNED
    assert listed.stat().st_mode & 0o777 == 0o600
    before = listed.read_bytes()
    published(candidate(2), old_home)
    signing.signing_key(old_home)
    assert listed.read_bytes() == before


def test_a_signed_release_verifies_whatever_is_demanded_by_then(candidate: Make, home: Path) -> None:
    published(candidate(1), home)
    later = candidate(2)
    publish_demanded(later, later / "gate.json", home, demanded)
    # Neither asks what a candidate of today must stand: code and checks go on, the release is what it was.
    assert rollback(home, reason="a bad day", by="Ada").release_id == "20260901-00000001"
    assert verify_release(home).release_id == "20260901-00000001"


def test_a_kept_release_does_not_verify_under_another_homes_key_or_an_edited_record(
    candidate: Make, home: Path, tmp_path: Path
) -> None:
    release = published(candidate(1), home)
    other = make_home(tmp_path / "other")
    (other / "secrets" / "gate.key").write_bytes(b"\1" * 32)
    shutil.copytree(release.path, other / "releases" / release.release_id)
    with pytest.raises(DamagedRelease, match="signed with another key than this home's"):
        verify_release(other, release.release_id)
    record = release.path / "gate.json"
    record.chmod(0o644)
    record.write_text(record.read_text().replace('"waived": []', '"waived": ["x"]'))
    with pytest.raises(DamagedRelease, match="damaged or forged"):
        verify_release(home)
