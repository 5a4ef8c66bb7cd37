"""Nothing of this project asks the network for anything when it is imported, nor in the pieces of a refresh."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import watched

from orchestration.settings import PROJECT_ROOT

MODULES = sorted(
    ".".join(p.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")
    for p in (PROJECT_ROOT / "orchestration").rglob("*.py")
    # Importing that one loads every definition and parses dbt: test_layering looks at it by itself.
    if p.name != "definitions.py"
)
# Each of the direct dependencies too, whose modules ours import only when they need them.
LIBRARIES = (
    "dagster", "dagster_dbt", "dagster_webserver", "duckdb", "duckdb_engine", "great_expectations", "sqlalchemy",
    "marshmallow", "numpy", "open_data_contract_standard", "polars", "yaml", "altair", "vl_convert", "httpx", "jinja2",
    "rich", "sklearn", "splink", "sqlglot", "typer", "dbt.cli.main", "dbt.adapters.duckdb",
)  # fmt: skip
IMPORT_ALL = """
import importlib, os, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(os.environ.get("GX_ANALYTICS_ENABLED"), len(sys.modules))
"""
PIECES = """
import sys
from pathlib import Path
sys.path[:0] = [str(Path(r"{tests}")), str(Path(r"{tests}") / "unit" / "ingest")]
from ingest_support import DAY1, contract, drop, people, text
from orchestration.ingest.run import ingest_source
from orchestration.pages.gate_page import write_page
from support.refused_runs import GOOD_RUN, candidate, BUILT, checks, publish_good, settings_of
from orchestration.gates import signing
from orchestration.gates.audit import audit
from orchestration.publish.candidate import measure
from orchestration.publish.reader import connect_reader
from orchestration import transform
home = Path(sys.argv[1])
drop(home, DAY1, text(people(30)))
(outcome,) = ingest_source(home, contract(), threads=2)           # parse, Great Expectations, accept
assert outcome.status == "accepted", outcome.cause
publish_good(home)
folder = candidate(home / "again", "20260901-00000009", BUILT, "again")
key = signing.signing_key(home)
assert audit(measure(folder), checks(), key=key, run_id="again", created_at=BUILT).results   # gate of a candidate
write_page(settings_of(home), GOOD_RUN)
with connect_reader(home) as con:
    assert con.sql("select count(*) from contests").fetchone() == (9,)
transform.manifest(settings_of(home))                             # dbt, as a process of its own
import os
assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
"""


def run(code: str, *words: str, folder: Path) -> list[str]:
    extra, notes = watched.environment(folder)
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "GX_ANALYTICS_ENABLED")}
    extra |= {"WINNUMBER_HOME": str(folder / "home"), "DAGSTER_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        timeout=600, env=kept | extra,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return watched.asked(notes)


def test_importing_our_modules_asks_for_no_network(tmp_path: Path) -> None:
    assert len(MODULES) > 200
    assert run(IMPORT_ALL, *MODULES, folder=tmp_path) == []


@pytest.mark.faults
def test_importing_what_we_build_on_asks_for_no_network(tmp_path: Path) -> None:
    assert run(IMPORT_ALL, *LIBRARIES, folder=tmp_path) == []


@pytest.mark.faults
def test_the_pieces_of_a_refresh_ask_for_no_network(tmp_path: Path) -> None:
    code = PIECES.format(tests=PROJECT_ROOT / "tests")
    assert run(code, str(tmp_path / "home"), folder=tmp_path) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import socket\ntry: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError: pass", "socket.connect"),
        ("import socket\ntry: socket.getaddrinfo('localhost', 80)\nexcept OSError: pass", "socket.getaddrinfo"),
        ("import socket\nsocket.socket().bind(('0.0.0.0', 0))", "socket.bind"),
        ("import httpx\ntry: httpx.get('http://127.0.0.1:9', trust_env=False)\nexcept httpx.HTTPError: pass",
         "socket.connect"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import socket; "
         "socket.socket().bind((\\'0.0.0.0\\', 0))'])", "socket.bind"),
    ],
)  # fmt: skip
def test_whatever_does_ask_is_noted_in_children_too(tmp_path: Path, code: str, said: str) -> None:
    found = run(code, folder=tmp_path)
    assert any(line.startswith(said) for line in found), found
