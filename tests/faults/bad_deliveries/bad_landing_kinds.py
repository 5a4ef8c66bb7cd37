"""Files that should not lie in landing, lie there too early, too late or twice, or bear names that do harm."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bad_kinds import Kind, Make, as_it_is, changed_cells, in_turn, only
from bad_world import FIRST, SECOND, Grid, Scene

NC, VA = "nc_voters", "va_voters"
NC_FILE, VA_FILE = "ncvoter_Statewide.txt", "Registered_Voter_List.csv"


def beside(lay: Callable[[Path], object]) -> Make:
    """The good delivery, and something else in its folder."""

    def make(scene: Scene) -> None:
        as_it_is()(scene)
        lay(scene.folder())

    return make


def named(name: str) -> Kind:
    """The good file under another name: it is only data."""
    shown = name if len(name) < 60 else f"{name[:20]}…"
    return Kind(f"a file named {shown!r}", VA, only(name, lambda s: s.files()[VA_FILE]), "accepted")


def _socket(folder: Path) -> None:
    held = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)
    try:
        held.bind("socket.csv")
    finally:
        os.chdir(here)
        held.close()


def _outside(scene: Scene) -> Path:
    path = scene.home.parent / "elsewhere" / VA_FILE
    path.parent.mkdir()
    path.write_bytes(scene.files()[VA_FILE])
    return path


def _linked(scene: Scene) -> None:
    (scene.folder() / VA_FILE).symlink_to(_outside(scene))


def _linked_folder(scene: Scene) -> None:
    target = _outside(scene).parent
    (scene.home / "landing" / scene.source / SECOND).symlink_to(target)


def _outside_a_folder(scene: Scene) -> None:
    (scene.home / "landing" / NC / NC_FILE).write_bytes(scene.files()[NC_FILE])


def _impossible_day(scene: Scene) -> None:
    scene.put(scene.files(), "2026-13-40")


def _future_time(scene: Scene) -> None:
    as_it_is()(scene)
    ahead = time.time() + 86_400
    os.utime(scene.folder() / NC_FILE, (ahead, ahead))
    scene.options["settle"] = 0.01


def _grows(scene: Scene) -> None:
    """The file grows whenever somebody waits for it to come to rest."""
    as_it_is()(scene)
    path = scene.folder() / NC_FILE

    def grow(seconds: float) -> None:
        with path.open("ab") as file:
            file.write(b"x")

    scene.options["settle"] = 1.0
    scene.monkeypatch.setattr("orchestration.ingest.landing.time.sleep", grow)


def _changes_while_copied(scene: Scene) -> None:
    import orchestration.ingest.archive as archive

    as_it_is()(scene)
    before = archive._chunks

    def chunks(source: Path) -> Any:
        yield from before(source)
        if source.name == NC_FILE and SECOND in str(source):
            with source.open("ab") as file:
                file.write(b"x")

    scene.monkeypatch.setattr(archive, "_chunks", chunks)


def _vanishes(scene: Scene) -> None:
    import orchestration.ingest.archive as archive

    as_it_is()(scene)
    before = archive._chunks

    def chunks(source: Path) -> Any:
        if SECOND in str(source):
            source.rename(source.with_suffix(".moving"))
        try:
            yield from before(source)
        finally:
            if SECOND in str(source):
                source.with_suffix(".moving").rename(source)

    scene.monkeypatch.setattr(archive, "_chunks", chunks)


def _forbidden(scene: Scene) -> None:
    """Whoever runs the tests may read everything, so the answer of the operating system is given by hand."""
    as_it_is()(scene)
    before = Path.open

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == NC_FILE and SECOND in str(path) and "landing" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return before(path, *args, **kwargs)

    scene.monkeypatch.setattr(Path, "open", refuse)


def _forbidden_folder(scene: Scene) -> None:
    as_it_is()(scene)
    before = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith(SECOND) and "landing" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return before(path)

    scene.monkeypatch.setattr("orchestration.ingest.landing.os.scandir", refuse)


def _corrected(number: int) -> Make:
    """The second day once more, with another first name in one row."""
    return changed_cells(lambda grid: grid.set(7, "first_name", f"CORRECTED{'X' * number}"))


def _lost_header(grid: Grid) -> None:
    del grid.rows[0]


def _both(scene: Scene) -> None:
    """The correction laid beside the file that it corrects."""
    as_it_is()(scene)
    scene.put({"ncvoter_Statewide_corrected.txt": scene.files()[NC_FILE]})


def _touched(scene: Scene) -> None:
    as_it_is()(scene)
    scene.take()
    as_it_is()(scene)
    os.utime(scene.folder() / NC_FILE, (1_000_000_000, 1_000_000_000))


def _unchanged_list(scene: Scene) -> None:
    scene.put(scene.files(FIRST))


def _late_twin(scene: Scene) -> None:
    """The same list for an earlier day, after that of the later day was taken."""
    scene.put(scene.files(FIRST), "2026-08-31")


LYING_ABOUT = (
    Kind("a pipe in landing", NC, beside(lambda folder: os.mkfifo(folder / "pipe.txt")), "passed_over",
         said=("pipe.txt", "a pipe, socket or device"), in_use=False),
    Kind("a socket in landing", VA, beside(_socket), "passed_over", said=("socket.csv", "a pipe, socket or device"),
         in_use=False),
    Kind("a link to a file in landing", VA, _linked, "passed_over", said=(VA_FILE, "Put the file itself here")),
    Kind("a link to a folder in landing", VA, _linked_folder, "passed_over", said=(SECOND, "a link"), day=None),
    Kind("a link beside a good file", NC, beside(lambda folder: (folder / "x.txt").symlink_to("/etc/passwd")),
         "accepted"),
    Kind("a hidden file in landing", VA, only(f".{VA_FILE}", lambda s: s.files()[VA_FILE]), "passed_over",
         said=(f".{VA_FILE}", "a hidden file", "without the leading dot")),
    Kind("a hidden folder in landing", NC, beside(lambda folder: (folder / ".cache").mkdir()), "passed_over",
         said=(".cache", "a hidden file"), in_use=False),
    Kind("what a file manager leaves behind", NC, beside(lambda folder: (folder / ".DS_Store").write_bytes(b"x")),
         "accepted"),
    Kind("a file of no table", NC, beside(lambda folder: (folder / "readme.doc").write_bytes(b"x")), "refused",
         "unexpected_file", ("readme.doc", "Move them to the folder of their own source")),
    Kind("a file outside of a dated folder", NC, _outside_a_folder, "refused", "misplaced",
         (NC_FILE, "expected a folder named by the snapshot date", "move it there"), day=None),
    Kind("a folder whose name is no day", NC, _impossible_day, "refused", "misplaced", ("2026-13-40",), day=None),
    Kind("a file that may not be read", NC, _forbidden, "refused", "unreadable_file",
         (NC_FILE, "Permission denied", "Give the refresh's user the right")),
    Kind("a folder that may not be read", NC, _forbidden_folder, "refused", "unreadable_file",
         (SECOND, "the folder cannot be read", "Give the refresh's user the right")),
    Kind("the file in a folder below its day", NC, lambda s: s.put(s.files(), f"{SECOND}/download"), "accepted"),
)  # fmt: skip

UNDER_WAY = (
    *(
        Kind(f"an upload under way, named .{ending}", NC, beside(lambda folder, e=ending: (folder / f"b.txt.{e}")
             .write_bytes(b"x")), "waiting", said=(f"b.txt.{ending}", "an upload is still under way"))
        for ending in ("part", "tmp", "filepart", "crdownload")
    ),
    Kind("an upload under way outside of a dated folder", NC,
         lambda s: (s.home / "landing" / NC / f"{NC_FILE}.part").write_bytes(b"x"), "waiting",
         said=(f"{NC_FILE}.part", "an upload is still under way"), day=None),
    Kind("a file that is still growing", NC, _grows, "waiting", said=(NC_FILE, "still growing")),
    Kind("a file that changes while it is copied", NC, _changes_while_copied, "waiting", "growing",
         (NC_FILE, "taken when it has stopped growing")),
    Kind("a file that is taken away while it is copied", NC, _vanishes, "waiting", "growing", (NC_FILE,)),
    Kind("a file whose time lies in the future", NC, _future_time, "accepted"),
)  # fmt: skip

SENT_AGAIN = (
    Kind("the same file sent again", NC, _touched, "accepted"),
    Kind("a corrected file", NC, in_turn(as_it_is(), _corrected(1)), "accepted"),
    Kind("a file corrected twice", NC, in_turn(as_it_is(), _corrected(1), _corrected(2)), "accepted"),
    Kind("the first file again after its correction", NC, in_turn(as_it_is(), _corrected(1), as_it_is()), "superseded",
         said=("superseded by nc_voters/2026-09-02/",), in_use=False),
    Kind("a correction that is worse than the file", NC, in_turn(as_it_is(), changed_cells(_lost_header)), "refused",
         "not_this_file", (NC_FILE,), in_use=False),
    Kind("a correction beside the file that it corrects", NC, _both, "refused", "doubled_part",
         ("ncvoter_Statewide_corrected.txt", NC_FILE, "Remove the one that does not count")),
    Kind("a list that did not change since yesterday", "nc_history", _unchanged_list, "duplicate",
         said=("the same bytes as nc_history/2026-09-01/", "stays in use")),
    Kind("a list that comes late for an earlier day", "nc_history", _late_twin, "accepted", day="2026-08-31",
         lines=None),
)  # fmt: skip

NAMES = tuple(
    named(name)
    for name in (
        "voters[1].csv", "voters*?.csv", "voters';drop table x;--.csv", 'voters"quoted".csv', "voters$$%s{0}$(id).csv",
        "voters `id` \\N.csv", "-rf voters.csv", "two\nlines.csv", "\u202evsc.sretov.csv", "vo\u200bters.csv",
        "v" * 250 + ".csv", os.fsdecode(b"v\xf6ters.csv"), "Wähler 選民 👩‍👩‍👧.csv", " voters .csv",
    )
)  # fmt: skip

KINDS = (*LYING_ABOUT, *UNDER_WAY, *SENT_AGAIN, *NAMES)
