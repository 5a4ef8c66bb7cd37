"""One file over HTTP into a ``.part`` file: resumed, retried, politely.

Belongs here: requests, ranges, conditions, retries. Does not belong here: where a delivery lands and
what is remembered about it (``fetch``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_last_request: dict[str, float] = {}


class FetchFailed(Exception):
    """A download came to nothing; the message names address, what happened and what to do next."""


@dataclass(frozen=True)
class FetchOptions:
    """How patient and how polite to be. Times in seconds, sizes in bytes.

    ``attempts``: requests per file before giving up. ``backoff``: wait before the second attempt,
    doubled each time up to ``longest_wait``, which also bounds a server's Retry-After.
    ``pause``: least time between two requests to one host. ``keep_free``: disk space left alone.
    """

    attempts: int = 6
    backoff: float = 2.0
    longest_wait: float = 300.0
    pause: float = 1.0
    timeout: float = 60.0
    keep_free: int = 1 << 30
    user_agent: str = "winnumber/0.1 (campaign data warehouse; one connection at a time)"
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


class _TryAgain(Exception):
    """The server asks us to wait, or broke off; ``wait`` seconds beyond the usual back-off."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Arrived:
    """All bytes are in the part file."""

    etag: str | None
    last_modified: str | None
    resumed: int


def arrive(
    url: str, part: Path, notes: Path, conditions: Mapping[str, str], options: FetchOptions
) -> tuple[Arrived | None, int]:
    """Bring all bytes of ``url`` into ``part``; returns them (None: unchanged) and the attempts made.

    ``notes``: what the part file was a part of, for the next call. ``conditions``: headers under which
    the server may answer that nothing changed. Raises ``FetchFailed``, keeping what has arrived.
    """
    import httpx

    headers = {"User-Agent": options.user_agent, "Accept-Encoding": "identity"}
    limits = httpx.Limits(max_connections=1)
    reason, wait = "", 0.0
    with httpx.Client(headers=headers, timeout=options.timeout, limits=limits, follow_redirects=True) as client:
        for attempt in range(1, options.attempts + 1):
            if attempt > 1:
                backoff = options.backoff * 2 ** (attempt - 2)
                options.sleep(min(max(backoff, wait), options.longest_wait))
            _pause(url, options)
            try:
                return _request(client, url, part, notes, conditions, options), attempt
            except httpx.TransportError as error:
                reason, wait = f"{type(error).__name__}: {error}".rstrip(": "), 0.0
            except _TryAgain as again:
                reason, wait = str(again), again.wait
    kept = part.stat().st_size if part.exists() else 0
    raise FetchFailed(
        f"{url}: gave up after {options.attempts} attempts; last: {reason}. {kept:,} bytes are kept in {part}; "
        "run the command again to continue"
    )


def _request(
    client: httpx.Client, url: str, part: Path, notes: Path, conditions: Mapping[str, str], options: FetchOptions
) -> Arrived | None:
    """One request; None when the server says that nothing changed."""
    begun = part.stat().st_size if part.exists() else 0
    condition = _continue_from(part, notes, url)
    headers = _range(begun, condition) if condition else dict(conditions)
    with client.stream("GET", url, headers=headers) as response:
        status = response.status_code
        if status == 304 and not condition:
            return None
        if status in _RETRIED:
            raise _TryAgain(f"the server answered {status}", _retry_after(response))
        if status == 416:
            # Nothing beyond what we have: either all of it or the rest of another file. Start over.
            part.unlink(missing_ok=True)
            raise _TryAgain("the server has nothing to continue with")
        if status not in (200, 206):
            raise FetchFailed(f"{url}: the server answered {status} {response.reason_phrase}. {_advice(status)}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchFailed(f"{url}: the server compresses the transfer although asked for the plain bytes")
        continued = status == 206 and bool(condition)
        if continued and not _starts_at(response, begun):
            part.unlink(missing_ok=True)
            raise _TryAgain("the server continued at another place than asked")
        start = begun if continued else 0
        expected = _expected_size(response, start)
        _refuse_full_disk(part, (expected or 0) - start, options)
        etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
        notes.write_text(json.dumps({"url": url, "etag": etag, "last_modified": modified}), encoding="utf-8")
        with part.open("ab" if continued else "wb") as file:
            # As it comes off the line: what has arrived when a connection breaks is then in the file.
            for chunk in response.iter_raw():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    size = part.stat().st_size
    if expected is not None and size < expected:
        raise _TryAgain(f"only {size:,} of {expected:,} bytes arrived")
    if expected is not None and size > expected:
        part.unlink()
        raise _TryAgain(f"{size:,} bytes arrived where {expected:,} were announced")
    return Arrived(etag, modified, start)


def _continue_from(part: Path, notes: Path, url: str) -> str | None:
    """What proves that the server's file is still the one we have a part of; None: start over."""
    if not part.exists() or not part.stat().st_size or not notes.exists():
        return None
    try:
        kept = json.loads(notes.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if kept.get("url") != url:
        return None
    etag, modified = kept.get("etag"), kept.get("last_modified")
    # A weak tag promises the same meaning, not the same bytes.
    return etag if etag and not etag.startswith("W/") else modified


def _range(begun: int, condition: str) -> dict[str, str]:
    return {"Range": f"bytes={begun}-", "If-Range": condition}


def _starts_at(response: httpx.Response, begun: int) -> bool:
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("content-range", ""))
    return found is not None and int(found[1]) == begun


def _expected_size(response: httpx.Response, start: int) -> int | None:
    """The whole file's size as the server announces it."""
    length = response.headers.get("content-length")
    return start + int(length) if length and length.isdigit() else None


def _retry_after(response: httpx.Response) -> float:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _refuse_full_disk(part: Path, wanted: int, options: FetchOptions) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < wanted + options.keep_free:
        raise FetchFailed(
            f"{part.parent}: {free:,} bytes are free, {wanted:,} are needed and {options.keep_free:,} stay free; "
            "make room and run the command again"
        )


def _pause(url: str, options: FetchOptions) -> None:
    host = urlsplit(url).netloc
    since = time.monotonic() - _last_request.get(host, float("-inf"))
    if since < options.pause:
        options.sleep(options.pause - since)
    _last_request[host] = time.monotonic()


def _advice(status: int) -> str:
    if status in (401, 403):
        return "The address wants a login or shuts programs out: fetch the file by hand"
    if status in (404, 410):
        return "Nothing is published there for this date yet, or the address moved: correct downloadUrl"
    return "Open the address in a browser"
