"""Archives that are damaged, locked, or made to do harm; and the product's own archive, damaged afterwards."""

from __future__ import annotations

import bz2
import gzip
import io
import shutil
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bad_kinds import Kind, Make, as_it_is, only
from bad_world import FIRST, Scene

NC, NC_FILE = "nc_voters", "ncvoter_Statewide.txt"
ZIP = "ncvoter_Statewide.zip"


def packed(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive; names may repeat."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def good(scene: Scene) -> bytes:
    return scene.files()[NC_FILE]


def zipped(change: Callable[[bytes], bytes] = lambda data: data, name: str = NC_FILE) -> Make:
    """The good file in an archive whose bytes are then changed."""
    return only(ZIP, lambda scene: change(packed([(name, good(scene))])))


def holding(*more: tuple[str | zipfile.ZipInfo, bytes]) -> Make:
    """The good file in an archive with other members."""
    return only(ZIP, lambda scene: packed([(NC_FILE, good(scene)), *more]))


def refused(name: str, make: Make, code: str, *said: str) -> Kind:
    return Kind(name, NC, make, "refused", code, said)


def flipped(at: float) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[int(len(data) * at)] ^= 0xFF
        return bytes(changed)

    return flip


def patched(*changes: tuple[bytes, int, bytes]) -> Callable[[bytes], bytes]:
    """Bytes at an offset from the last place of a marker replaced."""

    def patch(data: bytes) -> bytes:
        changed = bytearray(data)
        for marker, offset, value in changes:
            at = data.rindex(marker) + offset
            changed[at : at + len(value)] = value
        return bytes(changed)

    return patch


_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _workbook(scene: Scene) -> bytes:
    return packed([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")])


def _bad_crc(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[-6] ^= 0xFF
    return bytes(changed)


def _undecodable(data: bytes) -> bytes:
    """A member's name that says it is UTF-8 and is not."""
    name = NC_FILE.encode()
    spoilt = bytearray(data.replace(name, b"\xff" + name[1:]))
    for marker, offset in ((_LOCAL, 7), (_CENTRAL, 9)):
        spoilt[data.index(marker) + offset] |= 0x08
    return bytes(spoilt)


def _stored_file(scene: Scene) -> Path:
    (path,) = (scene.home / "archive" / "accepted" / scene.source).glob("*/*.parquet")
    return path


def _spoil_stored(change: Callable[[bytes], bytes]) -> Make:
    def make(scene: Scene) -> None:
        path = _stored_file(scene)
        path.write_bytes(change(path.read_bytes()))

    return make


def _lose_stored(scene: Scene) -> None:
    _stored_file(scene).unlink()


def _forget_rows(scene: Scene) -> None:
    """The accepted rows are gone, so that the archived bytes must be read again."""
    shutil.rmtree(scene.home / "archive" / "accepted")


def _spoil_object(change: Callable[[bytes], bytes]) -> Make:
    def make(scene: Scene) -> None:
        _forget_rows(scene)
        (path,) = [p for p in (scene.home / "archive" / "objects").iterdir() if not p.name.startswith(".")]
        data = change(path.read_bytes())
        path.chmod(0o600)
        path.write_bytes(data)

    return make


HOSTILE = (
    refused("a member that climbs out of the archive", zipped(name=f"../../{NC_FILE}"), "unsafe_member", ZIP,
            "leads out of the archive"),
    refused("a member that climbs in the middle of its path", zipped(name=f"a/../../{NC_FILE}"), "unsafe_member", ZIP),
    refused("a member with an absolute path", zipped(name=f"/etc/{NC_FILE}"), "unsafe_member", f"/etc/{NC_FILE}"),
    refused("a member on a drive", zipped(name=f"C:/{NC_FILE}"), "unsafe_member", ZIP),
    refused("a member with backslashes", zipped(name=f"..\\{NC_FILE}"), "unsafe_member", ZIP),
    refused("a link in an archive", holding((_link("passwd"), b"/etc/passwd")), "unsafe_member", "a member is a link"),
    refused("two members of one name", holding((NC_FILE, b"other\n")), "doubled_member", ZIP, NC_FILE),
    refused("members of one name in two folders", holding((f"copy/{NC_FILE}", b"other\n")), "doubled_member", NC_FILE),
    refused("members whose names differ in capitals", holding((NC_FILE.upper(), b"other\n")), "doubled_member"),
    refused("an archive in an archive", only(ZIP, lambda s: packed([(NC_FILE, packed([(NC_FILE, good(s))]))])),
            "nested_archive", ZIP),
    refused("a gzip file in an archive", only(ZIP, lambda s: packed([(NC_FILE, gzip.compress(good(s)))])),
            "nested_archive", ZIP),
    refused("an archive that unpacks to a thousand times its size", only(ZIP, packed([(NC_FILE, bytes(60 << 20))])),
            "archive_too_large", "at most 400 times"),
    refused("many members that explode together",
            only(ZIP, packed([(f"ncvoter_{i}.txt", bytes(12 << 20)) for i in range(5)])), "archive_too_large",
            "at most 400 times"),
    refused("a gzip file that explodes", only(f"{NC_FILE}.gz", gzip.compress(bytes(60 << 20))), "archive_too_large"),
    refused("an archive of six thousand members", only(ZIP, packed([(f"{i}.txt", b"") for i in range(6000)])),
            "archive_too_large", "too many files", "6000"),
    refused("an archive that lies about a member's size", zipped(patched((_CENTRAL, 24, b"\x10\0\0\0"))),
            "damaged_archive", ZIP),
    refused("an encrypted archive", zipped(patched((_LOCAL, 6, b"\x01"), (_CENTRAL, 8, b"\x01"))), "encrypted_member",
            ZIP, "Ask the sender"),
)  # fmt: skip

DAMAGED = (
    refused("a zip file with a wrong checksum", zipped(patched((_LOCAL, 14, b"\0\0\0\0"), (_CENTRAL, 16, b"\0\0\0\0"))),
            "damaged_archive", ZIP, "Fetch it again"),
    refused("a zip file with a flipped byte", zipped(flipped(0.5)), "damaged_archive", ZIP),
    refused("a zip file cut short", zipped(lambda data: data[: len(data) * 2 // 3]), "damaged_archive", ZIP,
            "damaged or cut short"),
    refused("a zip file whose directory lies elsewhere", zipped(patched((_END, 16, b"\xff\xff\xff\x00"))),
            "damaged_archive", ZIP),
    refused("a zip file with another member's local header", zipped(patched((_LOCAL, 30, b"x"))), "damaged_archive",
            ZIP),
    refused("a zip file packed by a method nobody knows",
            zipped(patched((_LOCAL, 8, b"\x63"), (_CENTRAL, 10, b"\x63"))), "damaged_archive", "NotImplementedError"),
    refused("a bzip2 member that is damaged",
            only(ZIP, lambda s: flipped(0.5)(packed([(NC_FILE, good(s))], zipfile.ZIP_BZIP2))), "damaged_archive", ZIP),
    refused("an LZMA member that is damaged",
            only(ZIP, lambda s: flipped(0.5)(packed([(NC_FILE, good(s))], zipfile.ZIP_LZMA))), "damaged_archive", ZIP),
    refused("a member's name that is no text", zipped(_undecodable), "damaged_archive", ZIP),
    refused("an archive of nothing", only(ZIP, packed([])), "empty_delivery", "no file of this source"),
    refused("a gzip file with a wrong checksum", only(f"{NC_FILE}.gz", lambda s: _bad_crc(gzip.compress(good(s)))),
            "damaged_archive", f"{NC_FILE}.gz"),
    refused("a gzip file cut short", only(f"{NC_FILE}.gz", lambda s: gzip.compress(good(s))[:-3000]), "damaged_archive",
            "EOFError"),
    refused("a bzip2 file", only(NC_FILE, lambda s: bz2.compress(good(s))), "not_this_file", "a bzip2 archive"),
    refused("a workbook named txt", only(NC_FILE, _workbook), "not_this_file", NC_FILE, "a workbook"),
    Kind("what a Mac leaves in an archive", NC, holding(("__MACOSX/._x.txt", b"\0\5\x16")), "accepted"),
)  # fmt: skip

OWN = (
    Kind("accepted rows with a flipped byte", NC, _spoil_stored(flipped(0.3)), "damaged",
         said=("parse the delivery anew",)),
    Kind("accepted rows cut short", NC, _spoil_stored(lambda data: data[:-100]), "damaged",
         said=("parse the delivery anew",)),
    Kind("accepted rows that were removed", NC, _lose_stored, "damaged", said=("missing; restore it",)),
    Kind("an archived file with a flipped byte", NC, _spoil_object(flipped(0.5)), "refused", "archive_changed",
         (NC_FILE, "not those that were received", "Restore it from a backup"), day=FIRST, in_use=False),
    Kind("accepted rows that were lost are parsed anew", NC, lambda s: (_forget_rows(s), as_it_is()(s))[1], "accepted",
         in_use=False),
)  # fmt: skip

KINDS = (*HOSTILE, *DAMAGED, *OWN)
