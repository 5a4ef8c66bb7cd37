"""People's ids are keyed hashes: right by RFC 2104, the same day after day, others under another key."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import duckdb
import jinja2
import pytest

from orchestration.home_keys import home_key
from orchestration.identity.person_key import DIGITS, KEY, key_mark, pads, write_person_key

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros"
MESSAGES = ["voter:NC-AA1234", "record:spoke:+19195550142", "", "voter:" + "x" * 200, "household:NC|ÉLÉPHANT ST|1|"]


class Sql(jinja2.Environment):
    """The macros of ids as dbt renders them on DuckDB."""

    def __init__(self) -> None:
        super().__init__(loader=jinja2.FileSystemLoader(MACROS), autoescape=False)
        self.globals.update(source=lambda schema, table: f"{schema}.{table}", adapter=self)
        self.globals["hmac_sha256"] = self.get_template("dialect.sql").make_module().hmac_sha256

    def dispatch(self, name: str, _: str) -> object:
        return getattr(self.get_template("dialect.sql").make_module(), f"default__{name}")

    def call(self, macro: str, expression: str) -> str:
        # Macros of one file see each other.
        text = (MACROS / "identifiers.sql").read_text(encoding="utf-8") + f"{{{{ {macro}(expression) }}}}"
        return self.from_string(text).render(expression=expression).strip()


def hashed(con: duckdb.DuckDBPyConnection, macro: str, message: str | None) -> str | None:
    sql = Sql().call(macro, "message")
    return con.execute(f"select {sql} from (select cast(? as varchar) as message)", [message]).fetchall()[0][0]


def expected(key: bytes, message: str) -> str:
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:DIGITS]


@pytest.mark.parametrize("message", MESSAGES)
def test_sql_and_python_make_the_same_id(tmp_path: Path, message: str) -> None:
    with duckdb.connect() as con:
        write_person_key(con, tmp_path)
        key = home_key(tmp_path, KEY)
        assert hashed(con, "keyed_hash", message) == expected(key, message)
        assert hashed(con, "person_key", message) == f"P-{expected(key, message)}"


@pytest.mark.parametrize(("key", "message", "digest"), [  # RFC 4231, cases 1 and 2
    (b"\x0b" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
])  # fmt: skip
def test_the_hash_is_that_of_the_standard(key: bytes, message: str, digest: str) -> None:
    with duckdb.connect() as con:
        con.execute("create schema config; create table config.person_key (inner_pad blob, outer_pad blob)")
        con.execute("insert into config.person_key values (?, ?)", list(pads(key)))
        assert hashed(con, "keyed_hash", message) == digest[:DIGITS]


def test_nothing_has_no_id(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        write_person_key(con, tmp_path)
        assert hashed(con, "person_key", None) is None


def test_the_same_home_gives_the_same_ids_and_another_home_others(tmp_path: Path) -> None:
    found = []
    for home in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        with duckdb.connect() as con:
            write_person_key(con, home)
            found.append((hashed(con, "person_key", "voter:NC-1"), key_mark(home)))
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]
    assert found[0][1] != found[2][1]


def test_the_key_is_its_owners_alone_and_its_mark_does_not_give_it_away(tmp_path: Path) -> None:
    mark = key_mark(tmp_path)
    path = tmp_path / "secrets" / "person.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    key = path.read_bytes()
    assert mark not in (key.hex(), hashlib.sha256(key).hexdigest())


def test_a_key_is_no_longer_than_a_block() -> None:
    with pytest.raises(ValueError, match="65 bytes"):
        pads(b"k" * 65)


def test_no_sql_of_the_project_holds_a_key_and_no_id_of_a_person_is_a_plain_hash() -> None:
    sql = Sql().call("person_key", "voter_id")
    assert "config.person_key" in sql
    assert "md5" not in sql
    for path in (MACROS.parent / "models").rglob("*.sql"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if "md5(" in line and "as person_id" in line] == [], path


def test_another_key_gives_a_release_another_id_and_the_same_key_the_same(tmp_path: Path) -> None:
    from orchestration.refresh import _inputs_hash
    from orchestration.settings import load

    a, b = (load(tmp_path / name) for name in ("a", "b"))
    assert _inputs_hash(a, ()) == _inputs_hash(a, ())
    assert _inputs_hash(a, ()) != _inputs_hash(b, ())
