"""Which of our processes listen for connections, and where; read from /proc.

Belongs here: reading it. Does not belong here: what is right (`install.ports`). Only processes whose files we may read
are seen, which are those of the same user: who runs the orchestrator as another asks as that one.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

_LISTEN = "0A"


@dataclass(frozen=True)
class Listener:
    """A listening socket. ``address``: 127.0.0.1:3000."""

    pid: int
    command: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """Host and port as people write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listeners(proc: Path = Path("/proc"), pids: Iterable[int] | None = None) -> list[Listener] | None:
    """Listening sockets of our processes (or of ``pids``); None where there is no /proc."""
    if not (proc / "self" / "net" / "tcp").exists():
        return None
    found = []
    for pid in sorted(pids if pids is not None else _ours(proc)):
        sockets = _sockets(proc / str(pid))
        if not sockets:
            continue
        for name in ("tcp", "tcp6"):
            table = proc / str(pid) / "net" / name
            found += [
                Listener(pid, _command(proc / str(pid)), host, port)
                for host, port, inode in listening(_text(table))
                if inode in sockets
            ]
    return found


def reachable(found: Iterable[Listener]) -> list[Listener]:
    """Those that other machines may reach."""
    return [s for s in found if not _loopback(s.host)]


def listening(table: str) -> Iterator[tuple[str, int, str]]:
    """(host, port, inode) of each listening line of /proc/net/tcp or tcp6."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == _LISTEN:
            host, _, port = fields[1].partition(":")
            yield _host(host), int(port, 16), fields[9]


def _host(text: str) -> str:
    """An address as the kernel prints it: words of four bytes, each in the machine's (little-endian) order."""
    raw = b"".join(bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8))
    return str(ipaddress.ip_address(raw))


def _loopback(host: str) -> bool:
    address = ipaddress.ip_address(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _ours(proc: Path) -> Iterator[int]:
    """Processes of this project: run by its Python, or the orchestrator wherever it lies."""
    for folder in proc.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            said = _text(folder / "cmdline").replace("\0", " ")
            if str(PROJECT_ROOT) in said or any(f"{name}" in said for name in ("dagster", "winnumber")):
                yield int(folder.name)


def _sockets(process: Path) -> set[str]:
    found = set()
    try:
        for handle in (process / "fd").iterdir():
            try:
                target = str(handle.readlink())
            except OSError:
                continue  # closed meanwhile
            if target.startswith("socket:["):
                found.add(target[len("socket:[") : -1])
    except OSError:
        return set()  # gone meanwhile, or another user's
    return found


def _command(process: Path) -> str:
    words = [Path(w).name if i < 2 else w for i, w in enumerate(_text(process / "cmdline").split("\0")) if w]
    return " ".join(words[:4])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
