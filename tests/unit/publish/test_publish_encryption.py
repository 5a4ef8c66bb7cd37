"""Files with people in them are encrypted where the settings say so, with a key that shows nowhere; never weakly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from publish_samples import (
    CHECKS,
    FILES,
    GATE_KEY,
    build_database,
    demanded,
    information,
    outcomes,
    record_words,
)

from orchestration import demands, refresh
from orchestration import settings as config
from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.publish import encryption
from orchestration.publish.candidate import Sealed, measure
from orchestration.publish.encryption import EncryptionError, is_encrypted
from orchestration.publish.errors import DamagedRelease, GateRefused
from orchestration.publish.reader import connect_reader, open_read_only
from orchestration.publish.releases import publish_demanded, rollback, verify_release
from orchestration.publish.seal import seal

KEY = "0123456789abcdef" * 4  # the same in every test process, since it stands in the name of a test
with_extension = pytest.mark.skipif(
    encryption.provider() is None,
    reason=f"needs DuckDB's extension httpfs: pip install duckdb-extension-httpfs=={duckdb.__version__}",
)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(encryption.KEY_ITSELF, KEY)
    monkeypatch.delenv(encryption.KEY_FILE, raising=False)
    return KEY


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (encryption.KEY_ITSELF, encryption.KEY_FILE):
        monkeypatch.delenv(name, raising=False)


# What holds whether or not the extension is there ------------------------------------------------


def test_the_weak_mode_is_refused_whoever_set_it(tmp_path: Path, key: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set force_mbedtls_unsafe = true")
        with pytest.raises(EncryptionError, match=r"force_mbedtls_unsafe is set.*pip install duckdb-extension-httpfs"):
            encryption.attach_to_write(connection, tmp_path / "people.duckdb", "sealed")
    assert not (tmp_path / "people.duckdb").exists()


@pytest.mark.parametrize("mode", ["force_mbedtls_unsafe", "mbedtls", "CTR", True])
def test_settings_know_no_weak_encryption(tmp_path: Path, mode: object) -> None:
    text = config.load().source.read_text(encoding="utf-8")
    said = f'encryption = "{mode}"' if isinstance(mode, str) else "encryption = true"
    assert 'encryption = "none"' in text
    (tmp_path / "winnumber.toml").write_text(text.replace('encryption = "none"', said))
    with pytest.raises(config.SettingsError, match=r"operations\.encryption is .*; expected none or duckdb"):
        config.load(tmp_path, tmp_path / "winnumber.toml")


def test_without_the_extension_the_refresh_refuses_at_its_start_and_says_what_to_install(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "provider", lambda: None)
    monkeypatch.setenv("HOME", str(tmp_path))  # where an extension might have been installed by hand
    settings = config.load(tmp_path / "home")
    encrypted = replace(settings, operations=replace(settings.operations, encryption="duckdb"))
    with pytest.raises(EncryptionError, match=rf"pip install duckdb-extension-httpfs=={duckdb.__version__}") as refused:
        demands.refuse_unready(encrypted)
    assert "unsafe" not in str(refused.value)
    run = refresh.Run("a-run", "cli", datetime.now(UTC), encrypted)
    with pytest.raises(EncryptionError, match="needs DuckDB's extension httpfs"):
        refresh.begin(run)
    assert not settings.paths.build.exists()
    demands.refuse_unready(settings)


def test_without_a_key_the_refresh_refuses_at_its_start(tmp_path: Path, no_key: None) -> None:
    settings = config.load(tmp_path / "home")
    encrypted = replace(settings, operations=replace(settings.operations, encryption="duckdb"))
    with pytest.raises(EncryptionError, match="there is no key: set WINNUMBER_ENCRYPTION_KEY_FILE"):
        demands.refuse_unready(encrypted)


@pytest.mark.parametrize(
    ("content", "mode", "cause"),
    [
        (KEY, 0o640, "others than its owner could use the key"),
        ("short", 0o600, "the key has 5 characters, expected 32 or more"),
        ("\n", 0o600, "there is no key"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_a_key_file_that_is_no_secret_is_refused(
    tmp_path: Path, no_key: None, monkeypatch: pytest.MonkeyPatch, content: str | None, mode: int, cause: str
) -> None:
    path = tmp_path / "key"
    monkeypatch.setenv(encryption.KEY_FILE, str(path))
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(EncryptionError, match=cause) as refused:
        encryption.key()
    assert KEY not in str(refused.value)


def test_a_key_file_comes_before_the_environment(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text("f" * 64 + "\n")
    path.chmod(0o600)
    monkeypatch.setenv(encryption.KEY_FILE, str(path))
    assert encryption.key() == "f" * 64


def test_a_plain_file_where_an_encrypted_one_is_demanded_is_not_published(
    candidate: Callable[..., Path], home: Path
) -> None:
    folder = candidate(1)
    with pytest.raises(GateRefused, match=r"people\.duckdb is not encrypted, and the settings say that it must be"):
        publish_demanded(folder, folder / "gate.json", home, lambda: demanded(encrypted=True))
    assert list((home / "releases").iterdir()) == []


# With the extension --------------------------------------------------------------------------------


@pytest.fixture
def sealed(tmp_path: Path, key: str) -> Sealed:
    """A sealed candidate whose restricted file is encrypted, with a whole gate record."""
    build = build_database(tmp_path / "warehouse.duckdb", 1, rows=500)
    made = seal(build, FILES, tmp_path / "candidate", information("20260901-00000001"), encrypt=True)
    record = gate.build(made, CHECKS, outcomes(), **record_words())  # type: ignore[arg-type]
    record_file.write(record, made.path / "gate.json", GATE_KEY)
    return made


@with_extension
def test_only_the_files_with_people_are_encrypted_and_nothing_of_them_is_legible(
    sealed: Sealed, tmp_path: Path
) -> None:
    build = tmp_path / "canary.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.goals as select '001' as district_id, 1 as batch, 2 as votes")
        connection.execute("create table marts.people as select 'CANARY' || range as person_id from range(5000)")
    made = seal(build, FILES, tmp_path / "canary", information("20260901-00000002"), encrypt=True).path
    assert is_encrypted(made / "people.duckdb")
    assert not is_encrypted(made / "warehouse.duckdb")
    assert b"CANARY" not in (made / "people.duckdb").read_bytes()
    assert b"person_id" not in (made / "people.duckdb").read_bytes()
    plain = seal(build, FILES, tmp_path / "plain", information("20260901-00000002")).path
    assert b"CANARY" in (plain / "people.duckdb").read_bytes()
    assert measure(plain).content == measure(made).content


@with_extension
def test_it_is_the_strong_cipher(sealed: Sealed) -> None:
    with duckdb.connect() as connection:
        encryption.attach(connection, sealed.path / "people.duckdb", "people")
        said = connection.execute("select encrypted, cipher from duckdb_databases() where database_name = 'people'")
        assert said.fetchall() == [(True, "GCM")]
        assert connection.execute("select current_setting('temp_file_encryption')").fetchall() == [(True,)]
        assert connection.execute("select current_setting('force_mbedtls_unsafe')").fetchall() == [(False,)]


@with_extension
def test_an_encrypted_release_is_published_verified_rolled_back_to_and_read(sealed: Sealed, home: Path) -> None:
    release = publish_demanded(sealed.path, sealed.path / "gate.json", home, lambda: demanded(encrypted=True))
    assert verify_release(home).content == sealed.content
    with connect_reader(home, "people.duckdb") as connection:
        assert connection.execute("select count(*) from people").fetchall() == [(500,)]
        assert connection.execute("select release_id from release").fetchall() == [(release.release_id,)]
    assert rollback(home, release.release_id, reason="to see", by="Ada").is_current


@with_extension
def test_a_release_whose_key_is_lost_is_not_called_sound(
    sealed: Sealed, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_demanded(sealed.path, sealed.path / "gate.json", home, lambda: demanded(encrypted=True))
    monkeypatch.delenv(encryption.KEY_ITSELF)
    with pytest.raises(DamagedRelease, match="there is no key: set"):
        verify_release(home)


@with_extension
def test_the_gate_follows_a_key_into_an_encrypted_file(sealed: Sealed) -> None:
    from orchestration.gates.audit import run_on
    from orchestration.gates.checks import Check, Status

    across = Check(
        "people.in_goals", "people.main.people", "foreign_key",
        {"columns": ["batch"], "other_table": "main.goals", "other_columns": ["batch"]},
    )  # fmt: skip
    results = run_on(sealed, [*CHECKS, across])
    assert [result.status for result in results] == [Status.PASS] * 5
    assert results[-1].evaluated == 500


@with_extension
@pytest.mark.parametrize("given", [None, "fedcba9876543210" * 4], ids=["no key", "another key"])
def test_without_its_key_it_opens_for_nobody(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    monkeypatch.setenv(encryption.KEY_ITSELF, given) if given else monkeypatch.delenv(encryption.KEY_ITSELF)
    with pytest.raises(EncryptionError, match="there is no key" if given is None else "not the one it was encrypted"):
        open_read_only(sealed.path / "people.duckdb")
    with pytest.raises(EncryptionError) as refused:
        measure(sealed.path)
    assert KEY not in str(refused.value)
    assert given is None or given not in str(refused.value)


@with_extension
def test_the_key_is_in_no_statement_that_is_logged(sealed: Sealed) -> None:
    with duckdb.connect() as connection:
        connection.execute("call enable_logging('QueryLog')")
        encryption.attach(connection, sealed.path / "people.duckdb", "people")
        encryption.attach_to_write(connection, sealed.path.parent / "another.duckdb", "another")
        logged = "\n".join(str(row) for row in connection.execute("select * from duckdb_logs").fetchall())
        shown = str(connection.execute("select * from duckdb_databases()").fetchall())
    assert "another.duckdb" in logged
    assert KEY not in logged
    assert KEY not in shown


READS_WITHOUT_THE_EXTENSION = """
import sys
from orchestration.publish import encryption
from orchestration.publish.reader import open_read_only
from pathlib import Path
encryption.provider = lambda: None
with open_read_only(Path(sys.argv[1])) as connection:
    print(connection.execute("select count(*) from people").fetchall())
"""


@with_extension
def test_reading_takes_the_key_and_no_extension(sealed: Sealed) -> None:
    path = str(sealed.path / "people.duckdb")
    done = subprocess.run(
        [sys.executable, "-c", READS_WITHOUT_THE_EXTENSION, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[(500,)]"
