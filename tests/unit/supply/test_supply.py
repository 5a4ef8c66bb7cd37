"""What is installed is what the lock names; whatever is not is found, each kind of it."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT
from orchestration.supply import advisories, installed, lockfile
from orchestration.supply.advisories import Advisory
from orchestration.supply.audit import audit
from orchestration.supply.lockfile import Pin

HASH = "    --hash=sha256:" + "a" * 64
LOCK = f"# how it was made\none==1.0 \\\n{HASH}\ntwo[extra]==2.0 ; sys_platform == 'linux' \\\n{HASH}\n    # via one\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed distributions: one, with a module and its record."""
    return install(tmp_path, "one", "1.0", b"print('one')\n")


def install(site: Path, name: str, version: str, content: bytes, licence: str = "License-Expression: MIT") -> Path:
    (site / f"{name}.py").write_bytes(content)
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    said = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n" + (f"{licence}\n" if licence else "")
    (info / "METADATA").write_text(said)
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    (info / "RECORD").write_text(f"{name}.py,sha256={digest},{len(content)}\n{info.name}/RECORD,,\n")
    return site


def there(site: Path) -> list[PathDistribution]:
    return [PathDistribution(p) for p in sorted(site.glob("*.dist-info"))]


def wanted(**versions: str) -> dict[str, Pin]:
    return {n: Pin(n, v, "", ("a" * 64,), 1) for n, v in versions.items()}


# this project ------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_what_this_project_is_installed_from() -> None:
    looks = audit(with_files=False)
    assert {look.what: look.faults for look in looks if look.faults} == {}
    assert len(looks) == 4


@pytest.mark.faults
def test_no_installed_file_was_altered() -> None:
    count, faults = installed.altered(installed.everything())
    assert faults == []
    assert count > 10_000


def test_every_requirement_of_the_lock_has_hashes_and_no_host_is_named() -> None:
    text = lockfile.read()
    found = lockfile.pins(text)
    assert lockfile.faults(text) == []
    assert len(found) > 150
    assert all(len(h) == 64 for pin in found for h in pin.hashes)


def test_every_direct_dependency_is_in_the_lock() -> None:
    import re
    import tomllib

    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]
    said = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {lockfile.canonical(re.split(r"[<>=!\[;~ ]", s)[0]) for s in said}
    assert names <= {pin.name for pin in lockfile.pins(lockfile.read())}


# a lock ------------------------------------------------------------------------------------------


def test_a_good_lock_has_no_fault_and_its_pins_are_read() -> None:
    good = LOCK.replace("[extra]", "")
    assert lockfile.faults(good) == []
    assert [(p.name, p.version, p.marker, len(p.hashes)) for p in lockfile.pins(good)] == [
        ("one", "1.0", "", 1), ("two", "2.0", "sys_platform == 'linux'", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("three==3.0", "three==3.0 has no hash"),
        ("three>=3.0", "neither a pinned requirement nor a hash"),
        ("three @ https://example.org/three.whl", "names a host"),
        ("--index-url https://example.org/simple", "names a host"),
        ("-i mirror", "names a host or a place"),
        ("--find-links ./wheels", "names a host or a place"),
        ("# from https://example.org", "names a host"),
        ("-e .", "names a host or a place"),
        ("three==3.0 \\\n    --hash=md5:" + "a" * 32, "has no hash"),
    ],
)
def test_a_lock_that_says_too_little_or_too_much_is_found(line: str, said: str) -> None:
    found = lockfile.faults(LOCK.replace("[extra]", "") + line + "\n")
    assert found
    assert any(said in fault for fault in found)


def test_two_pins_of_one_name_on_one_machine_are_refused() -> None:
    text = f"one==1.0 \\\n{HASH}\none==1.1 ; python_full_version >= '3.11' \\\n{HASH}\n"
    with pytest.raises(ValueError, match="pins one twice for this machine: lines 1, 3"):
        lockfile.applying(lockfile.pins(text))
    other = text.replace(">= '3.11'", "< '3.0'")
    assert lockfile.applying(lockfile.pins(other))["one"].version == "1.0"


# what is installed -------------------------------------------------------------------------------


def test_what_is_missing_added_or_of_another_version_is_found(site: Path) -> None:
    install(site, "Extra_Thing", "3.0", b"")
    install(site, "winnumber", "0.1", b"")
    found = installed.compare(wanted(one="1.1", two="2.0"), there(site))
    assert found == [
        "two==2.0 is in the lock and not installed",
        "extra-thing 3.0 is installed and not in the lock",
        "one 1.0 is installed, the lock has 1.1",
    ]
    assert installed.compare(wanted(one="1.0", **{"extra-thing": "3.0"}), there(site)) == []


def test_a_changed_or_lost_file_is_found(site: Path) -> None:
    assert installed.altered(there(site)) == (1, [])
    (site / "one.py").write_bytes(b"print('two')\n")
    (fault,) = installed.altered(there(site))[1]
    assert fault.startswith("one: ")
    assert fault.endswith("one.py is not the file that was installed")
    (site / "one.py").unlink()
    assert installed.altered(there(site))[1][0].endswith("is gone")


def test_a_file_that_two_brought_is_whole_when_one_of_them_brought_it_so(site: Path) -> None:
    install(site, "two", "1.0", b"")
    record = site / "two-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace("two.py", "one.py"))
    assert installed.altered(there(site))[1] == []


@pytest.mark.parametrize(
    "licence",
    [
        "License-Expression: AGPL-3.0-only", "License: GPL v3", "License-Expression: BUSL-1.1", "",
        "Classifier: License :: OSI Approved :: GNU General Public License v2 (GPLv2)",
        "License: free for non-commercial use",
    ],
)  # fmt: skip
def test_a_licence_that_binds_us_or_none_at_all_is_found(tmp_path: Path, licence: str) -> None:
    assert len(installed.forbidden_licences(there(install(tmp_path, "one", "1.0", b"", licence)))) == 1


@pytest.mark.parametrize("licence", ["License-Expression: MIT", "License: LGPL-2.1", "License-Expression: MPL-2.0"])
def test_other_licences_are_let_in(tmp_path: Path, licence: str) -> None:
    assert installed.forbidden_licences(there(install(tmp_path, "one", "1.0", b"", licence))) == []


def test_a_licence_that_was_read_is_of_something_still_installed() -> None:
    names = {lockfile.canonical(d.name) for d in installed.everything()}
    assert set(installed.LICENCES_READ) <= names


# known weaknesses --------------------------------------------------------------------------------


def broken(tmp_path: Path, there: dict[str, str] | None = None, **demand: object) -> list[str]:
    made = Advisory("X-1", "x", "It is bad.", "tests", **demand)  # type: ignore[arg-type]
    return advisories.faults([made], there or {}, tmp_path)


def test_each_demand_is_checked(tmp_path: Path) -> None:
    (tmp_path / "orchestration").mkdir()
    (tmp_path / "orchestration" / "a.py").write_text("def f():\n    from bad_one.deep import x\n")
    (tmp_path / "Makefile").write_text("docs:\n\tdbt docs serve\n")
    assert broken(tmp_path, {"bad": "1.0"}, absent=("bad",)) == ["X-1: bad 1.0 is installed. It is bad."]
    assert broken(tmp_path, {"bad": "1.9"}, distribution="bad", fixed_in="1.10")
    assert not broken(tmp_path, {"bad": "1.10"}, distribution="bad", fixed_in="1.10")
    assert broken(tmp_path, {"bad": "4.0"}, distribution="bad", below="4")
    assert not broken(tmp_path, {"bad": "3.26"}, distribution="bad", below="4")
    assert "orchestration/a.py imports bad_one" in broken(tmp_path, never_imported=("bad_one",))[0]
    assert "Makefile holds 'docs serve'" in broken(tmp_path, never_run=("docs serve",))[0]
    assert not broken(tmp_path, never_imported=("bad_two",), never_run=("docs generate",), absent=("good",))


def test_the_projects_own_files_are_looked_at() -> None:
    files = {str(p.relative_to(PROJECT_ROOT)) for p in advisories.own_files(PROJECT_ROOT)}
    assert {"Makefile", ".ci/run", "orchestration/transform.py", "dbt_project/profiles.yml"} <= files


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: a, about: b, what: c, source: d}", "demands nothing"),
        ("{id: a, about: b, what: c, source: d, vanish: e}", "vanish cannot be checked"),
        ("{id: a, about: b, what: c, absent: e}", "source is missing"),
        ("{id: a, about: b, what: c, source: d, distribution: e}", "demands nothing"),
    ],
)
def test_an_entry_that_cannot_be_checked_is_refused(tmp_path: Path, entry: str, said: str) -> None:
    (tmp_path / "a.yaml").write_text(f"- {entry}\n")
    with pytest.raises(ValueError, match=said):
        advisories.load(tmp_path / "a.yaml")
