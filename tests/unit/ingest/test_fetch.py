"""Downloads against a server of our own on 127.0.0.1 that breaks off, changes its mind and asks for patience."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orchestration.contracts.load import load_contract
from orchestration.contracts.model import Contract
from orchestration.ingest import download
from orchestration.ingest.fetch import FetchFailed, FetchOptions, FetchResult, address, fetch

DAY = date(2024, 11, 5)
BODY = bytes(range(256)) * 4000
RESULTS = Path(__file__).resolve().parents[3] / "data_contracts" / "results"


@dataclass
class Script:
    """What the server serves and what it does wrong, one entry of ``faults`` per request, then nothing."""

    body: bytes = BODY
    etag: str | None = '"one"'
    modified: str | None = "Tue, 05 Nov 2024 10:00:00 GMT"
    length: bool = True
    ranges: bool = True
    content_range: str | None = None
    encoding: str | None = None
    faults: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    script: Script

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        script = self.script
        script.requests.append({k.lower(): v for k, v in self.headers.items()})
        fault = script.faults.pop(0) if script.faults else ""
        if fault.isdigit():
            self.send_response(int(fault))
            self.send_header("Retry-After", "7")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if script.etag and self.headers.get("If-None-Match") == script.etag:
            self.send_response(304)
            self.end_headers()
            return
        start = self._start(script)
        self.send_response(206 if start else 200)
        if start:
            default = f"bytes {start}-{len(script.body) - 1}/{len(script.body)}"
            self.send_header("Content-Range", script.content_range or default)
        body = script.body[start:]
        for name, value in (("ETag", script.etag), ("Last-Modified", script.modified)):
            if value:
                self.send_header(name, value)
        if script.encoding:
            self.send_header("Content-Encoding", script.encoding)
        if script.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        self.close_connection = True

    def _start(self, script: Script) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") in (script.etag, script.modified)
        return int(asked[1]) if asked and same and script.ranges else 0


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is part of the play."""


@dataclass
class World:
    """The server, the contract that points at it, and a clock that only notes how long it was asked to wait."""

    script: Script
    contract: Contract
    landing: Path
    waits: list[float] = field(default_factory=list)

    def fetch(self, day: date = DAY, **kwargs: Any) -> FetchResult:
        options = {"attempts": 4, "pause": 0.0, "keep_free": 0, "sleep": self.waits.append, "timeout": 5.0}
        options |= kwargs.pop("options", {})
        return fetch(self.contract, self.landing, day, options=FetchOptions(**options), **kwargs)

    @property
    def folder(self) -> Path:
        return self.landing / self.contract.id / DAY.isoformat()

    def files(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    script = Script()
    server = Quiet(("127.0.0.1", 0), type("Bound", (Handler,), {"script": script}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/{{date:%Y}}/results_{{date:%Y%m%d}}.zip"
    contract = replace(load_contract(RESULTS / "nc_results.odcs.yaml"), url=url)
    yield World(script, contract, tmp_path / "landing")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_arrives_whole_under_its_own_name(world: World) -> None:
    result = world.fetch()
    assert result.fetched
    assert result.path == world.folder / "results_20241105.zip"
    assert result.path.read_bytes() == BODY
    assert (result.size, result.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert world.files() == ["results_20241105.zip"]


def test_we_say_who_we_are_and_ask_for_the_plain_bytes(world: World) -> None:
    world.fetch()
    [request] = world.script.requests
    assert request["user-agent"].startswith("winnumber/")
    assert request["accept-encoding"] == "identity"


def test_an_interrupted_transfer_goes_on_where_it_stopped(world: World) -> None:
    world.script.faults = ["cut"]
    result = world.fetch()
    assert result.path.read_bytes() == BODY
    assert (result.attempts, result.resumed) == (2, len(BODY) // 2)
    assert world.script.requests[1]["range"] == f"bytes={len(BODY) // 2}-"
    assert world.script.requests[1]["if-range"] == '"one"'


def test_what_arrived_is_kept_for_the_next_call(world: World) -> None:
    world.script.faults = ["cut"]
    with pytest.raises(FetchFailed, match=r"gave up after 1 attempts.*512,000 bytes are kept"):
        world.fetch(options={"attempts": 1})
    assert "results_20241105.zip.part" in world.files()
    result = world.fetch()
    assert result.resumed == len(BODY) // 2
    assert result.path.read_bytes() == BODY
    assert world.files() == ["results_20241105.zip"]


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(world: World) -> None:
    world.script.faults = ["cut"]
    with pytest.raises(FetchFailed):
        world.fetch(options={"attempts": 1})
    world.script.body, world.script.etag, world.script.modified = BODY[::-1], '"two"', None
    result = world.fetch()
    assert result.resumed == 0
    assert result.path.read_bytes() == BODY[::-1]


def test_a_server_without_ranges_sends_all_again(world: World) -> None:
    world.script.faults, world.script.ranges = ["cut"], False
    assert world.fetch().path.read_bytes() == BODY


def test_a_weak_tag_is_not_trusted_for_the_same_bytes(world: World) -> None:
    world.script.faults, world.script.etag, world.script.modified = ["cut"], 'W/"one"', None
    result = world.fetch()
    assert "range" not in world.script.requests[1]
    assert result.path.read_bytes() == BODY


def test_a_continuation_from_another_place_is_not_glued_on(world: World) -> None:
    world.script.faults, world.script.content_range = ["cut"], "bytes 5-9/10"
    assert world.fetch().path.read_bytes() == BODY


def test_part_of_another_address_is_not_continued(world: World) -> None:
    world.folder.mkdir(parents=True)
    (world.folder / "results_20241105.zip.part").write_bytes(b"x" * 10)
    (world.folder / ".results_20241105.zip.part.json").write_text('{"url": "http://other", "etag": "\\"one\\""}')
    assert world.fetch().path.read_bytes() == BODY


def test_a_busy_server_is_asked_again_after_the_time_it_names(world: World) -> None:
    world.script.faults = ["503", "429", "500"]
    result = world.fetch(options={"backoff": 2.0})
    assert result.attempts == 4
    assert world.waits == [7.0, 7.0, 8.0]


def test_patience_has_an_end(world: World) -> None:
    world.script.faults = ["503"] * 9
    with pytest.raises(FetchFailed, match="gave up after 4 attempts; last: the server answered 503"):
        world.fetch(options={"longest_wait": 3.0})
    assert len(world.script.requests) == 4
    assert max(world.waits) == 3.0


def test_a_missing_page_is_reported_at_once(world: World) -> None:
    world.script.faults = ["404"]
    with pytest.raises(FetchFailed, match=r"answered 404.*correct downloadUrl"):
        world.fetch()
    assert len(world.script.requests) == 1


def test_a_connection_that_is_refused_is_tried_again_and_then_explained(world: World) -> None:
    world.contract = replace(world.contract, url="http://127.0.0.1:9/file.zip")
    with pytest.raises(FetchFailed, match="gave up after 4 attempts; last: ConnectError"):
        world.fetch()


def test_an_unchanged_file_is_not_fetched_twice(world: World) -> None:
    first = world.fetch()
    second = world.fetch()
    assert not second.fetched
    assert (second.path, second.sha256) == (first.path, first.sha256)
    assert world.script.requests[1]["if-none-match"] == '"one"'
    assert world.script.requests[1]["if-modified-since"] == world.script.modified


def test_the_same_bytes_do_not_arrive_again_under_another_date(world: World) -> None:
    assert world.contract.url is not None
    world.contract = replace(world.contract, url=world.contract.url.split("{")[0] + "weekly.zip")
    first = world.fetch()
    world.script.etag = '"renamed"'
    second = world.fetch(day=date(2024, 11, 12))
    assert not second.fetched
    assert second.path == first.path
    assert not list((world.landing / world.contract.id / "2024-11-12").iterdir())


def test_a_changed_file_replaces_the_one_of_the_same_date(world: World) -> None:
    world.fetch()
    world.script.body, world.script.etag = b"corrected", '"two"'
    result = world.fetch()
    assert result.fetched
    assert result.path.read_bytes() == b"corrected"


def test_a_damaged_memory_means_fetching_once_more(world: World) -> None:
    world.fetch()
    (world.landing / world.contract.id / ".fetch.json").write_text("{broken")
    assert world.fetch().fetched


@pytest.mark.parametrize(
    ("body", "complaint"),
    [(b"", "empty file"), (b"\n<!DOCTYPE html><p>moved</p>", "web page"), (b"<HTML>", "web page")],
)
def test_what_cannot_be_the_file_is_refused(world: World, body: bytes, complaint: str) -> None:
    world.script.body = body
    with pytest.raises(FetchFailed, match=complaint):
        world.fetch()
    assert world.files() == []


def test_a_published_checksum_must_agree(world: World) -> None:
    good = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    with pytest.raises(FetchFailed, match="published checksum"):
        world.fetch(checksum=f"sha256:{good}")
    assert world.files() == []
    assert world.fetch(checksum=f"md5:{good.upper()}").fetched
    world.script.etag = None
    with pytest.raises(FetchFailed, match="write the kind before it"):
        world.fetch(checksum=good)


def test_a_body_without_a_length_is_taken_as_it_comes(world: World) -> None:
    world.script.length = False
    assert world.fetch().path.read_bytes() == BODY


def test_a_transfer_that_is_compressed_unasked_is_refused(world: World) -> None:
    world.script.encoding = "gzip"
    with pytest.raises(FetchFailed, match="plain bytes"):
        world.fetch()


def test_a_full_disk_is_noticed_before_the_first_byte(world: World) -> None:
    with pytest.raises(FetchFailed, match="make room"):
        world.fetch(options={"keep_free": 1 << 60})
    assert world.files() == []


def test_two_requests_to_one_host_keep_their_distance(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_last_request", {})
    world.fetch(options={"pause": 30.0})
    assert world.waits == []
    world.fetch(options={"pause": 30.0})
    assert 29.0 < world.waits[0] <= 30.0


def test_an_address_that_lacks_a_value_says_which() -> None:
    medsl = load_contract(RESULTS / "medsl_precinct.odcs.yaml")
    assert address(medsl, DAY, {"state": "pa"}).endswith("/2024-elections-official/main/individual_states/pa24.zip")
    with pytest.raises(FetchFailed, match="needs a value for 'state'"):
        address(medsl, DAY)


def test_a_source_without_a_public_address_says_where_to_put_the_file(tmp_path: Path) -> None:
    ohio = load_contract(RESULTS / "oh_results.odcs.yaml")
    with pytest.raises(FetchFailed, match="landing/oh_results/2024-11-05/ by hand"):
        fetch(ohio, tmp_path, DAY)


def test_the_official_address_of_north_carolina_carries_the_date() -> None:
    url = address(load_contract(RESULTS / "nc_results.odcs.yaml"), DAY)
    assert url == "https://s3.amazonaws.com/dl.ncsbe.gov/ENRS/2024_11_05/results_pct_20241105.zip"


def test_only_web_addresses_and_plain_names_are_accepted(world: World) -> None:
    for url, complaint in (("ftp://host/file.zip", "only http"), ("http://127.0.0.1/page", "no file name")):
        world.contract = replace(world.contract, url=url)
        with pytest.raises(FetchFailed, match=complaint):
            world.fetch()
    world.contract = replace(world.contract, url="http://127.0.0.1/page")
    with pytest.raises(FetchFailed, match="plain file name"):
        world.fetch(file_name="../elsewhere.zip")
