"""Who may read which database file of a release: a group of the operating system, or the owner alone.

Belongs here: finding the groups and giving a file its owner's group and mode. Does not belong here: which table is in
which file (its contract says so), copying (`incoming`).
"""

from __future__ import annotations

import grp
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from orchestration.publish.candidate import GENERAL_FILE

PUBLIC, OWNER_ONLY, OWNER_AND_GROUP = 0o444, 0o400, 0o440


class AudienceError(RuntimeError):
    """A group of `[audiences]` cannot be given its file; the message names the group and what to do."""


def group_ids(audiences: Mapping[str, str], files: Collection[str]) -> dict[str, int]:
    """File name -> number of the group that may read it, from the settings' `[audiences]` (database -> group).

    files: the database files of a release. Raises AudienceError when there is no such file or group, or when this
    process may not give files to the group.
    """
    restricted = sorted(name.removesuffix(".duckdb") for name in files if name != GENERAL_FILE)
    found = {}
    for database, group in audiences.items():
        if database not in restricted:
            raise AudienceError(
                f"audiences.{database}: there is no restricted file {database}.duckdb; there are: "
                f"{', '.join(restricted)}"
            )
        found[f"{database}.duckdb"] = _gid(database, group)
    return found


def mode_of(file: str, groups: Mapping[str, int]) -> int:
    """The permissions of one file of a release: only database files other than the general one are restricted."""
    if file == GENERAL_FILE or not file.endswith(".duckdb"):
        return PUBLIC
    return OWNER_AND_GROUP if file in groups else OWNER_ONLY


def give_to_group(path: Path, gid: int) -> None:
    """Give a file to a group; raises AudienceError when the operating system does not allow it."""
    try:
        os.chown(path, -1, gid)
    except OSError as error:
        raise AudienceError(
            f"{path.name} cannot be given to group {gid} ({error.strerror}); add the user who runs the refresh to it"
        ) from None


def _gid(database: str, group: str) -> int:
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        raise AudienceError(
            f"audiences.{database}: this machine has no group {group!r}; make it (groupadd {group}) or take the line "
            "out of the settings, and only the owner may read the file"
        ) from None
    if os.geteuid() != 0 and gid not in {os.getegid(), *os.getgroups()}:
        raise AudienceError(
            f"audiences.{database}: the user who runs the refresh is not in group {group!r} and so cannot give it "
            f"{database}.duckdb; add the user to the group and log in again"
        )
    return gid
