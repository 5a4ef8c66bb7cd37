"""What one entry of the corpus says: how a delivery is spoilt, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bad_world import SECOND, Files, Grid, Scene

Make = Callable[[Scene], None]


@dataclass(frozen=True)
class Kind:
    """One kind of bad delivery, and the right verdict on it.

    ``make`` puts it into landing. ``verdict``: accepted, refused, duplicate, superseded, waiting, passed_over, or
    damaged (the accepted rows on disk are no longer those that were written). ``code``: the reason of a refusal.
    ``said``: words that the message must hold. ``day``: of the folder that is asked about; None where there is none.
    ``more``: lines beside those of the good delivery; ``lines``: how many, where there is no good one to compare with.
    ``quarantined``: lines set aside; ``reasons``: why. ``first``: whether the first day was accepted before.
    ``in_use``: whether what was in use stays in use. ``gate``: ``quick`` or ``gx``. ``warned``: checks that warn.
    """

    name: str
    source: str
    make: Make
    verdict: str
    code: str | None = None
    said: tuple[str, ...] = ()
    day: str | None = SECOND
    more: int = 0
    lines: int | None = None
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    first: bool = True
    in_use: bool = True
    gate: str = "quick"
    warned: tuple[str, ...] = ()


def main_of(files: Files, source: str) -> str:
    """The name of the member that is spoilt: the first one of the first table, in order of names."""
    wanted = {"actblue": "paid_contributions.csv", "hustle": "leads.csv", "spoke": "campaign-101.csv",
              "thrutext": "opt_outs.csv", "fec_individuals": "itcont.txt"}  # fmt: skip
    return wanted.get(source) or next(iter(files))


def changed_bytes(change: Callable[[bytes], bytes], day: str = SECOND) -> Make:
    """The good delivery with the bytes of its main member changed."""

    def make(scene: Scene) -> None:
        files = scene.files(day)
        name = main_of(files, scene.source)
        scene.put(files | {name: change(files[name])}, day)

    return make


def changed_lines(change: Callable[[list[bytes]], None], day: str = SECOND) -> Make:
    """The good delivery with the lines of its main member changed in place (line ends stay on them)."""

    def spoil(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        change(lines)
        return b"".join(lines)

    return changed_bytes(spoil, day)


def changed_cells(change: Callable[[Grid], None], day: str = SECOND, member: str | None = None) -> Make:
    """The good delivery with cells of one member changed."""

    def make(scene: Scene) -> None:
        files = scene.files(day)
        name = member or main_of(files, scene.source)
        grid = Grid.of(files[name], scene.source)
        change(grid)
        scene.put(files | {name: grid.content()}, day)

    return make


def as_it_is(day: str = SECOND) -> Make:
    """The good delivery."""
    return lambda scene: scene.put(scene.files(day), day)


def only(name: str, content: bytes | Callable[[Scene], bytes], day: str = SECOND) -> Make:
    """One file and no other."""

    def make(scene: Scene) -> None:
        scene.put({name: content(scene) if callable(content) else content}, day)

    return make


def in_turn(*steps: Make) -> Make:
    """Several deliveries, each taken in before the next one comes; the last is left to be taken."""

    def make(scene: Scene) -> None:
        for number, step in enumerate(steps):
            if number:
                scene.take()
            step(scene)

    return make
