"""Florida's voter extract and voting history: tab, no header, no quoting, ASCII, one file per county in a zip.

Layout: 38 columns; with the public records exemption set, the protected columns hold `*`. History: five columns.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from .days import INACTIVE, Snapshot
from .elections import calendar
from .fields import AREA_CODES, Chunk, addresses, name_tables, second_surnames, slices, streets
from .geography import Geography
from .naming import name_lists
from .output import Members, ZipFileOut
from .plan import SamplePlan
from .text import Piece, ascii_only, digits, lines, plain, table, take, take_date
from .voting import Votes

TYPES = {"general": "GEN", "primary": "PRI", "ppp": "PPP"}
# White, Black, Hispanic, Asian, multi-racial, other, American Indian, unknown
RACES = ("5", "3", "4", "2", "7", "6", "1", "9")
PARTIES = ("DEM", "REP", "NPA", "LPF", "GRE", "IND")
# By way of voting (election day, early, mail, provisional), then those that did not count.
CODES = ("", "Y", "E", "A", "Y", "B", "L", "P", "N")
UNCOUNTED = np.array([5, 5, 5, 6, 7, 8])


class Florida:
    """Writes both zips of every day, one member per county."""

    def __init__(self, plan: SamplePlan, geography: Geography, landing: Path) -> None:
        self.plan, self.geography = plan, geography
        self.voters: dict[int, ZipFileOut] = {}
        self.histories: dict[int, ZipFileOut] = {}
        for number in range(1, plan.days + 1):
            day = plan.snapshot(number)
            stamp = f"{day:%Y%m%d}"
            self.voters[number] = ZipFileOut(
                landing / "fl_voters" / day.isoformat() / f"Voter_Registration_{stamp}.zip"
            )
            # The stray blank is in the name the state gives the file.
            self.histories[number] = ZipFileOut(
                landing / "fl_history" / day.isoformat() / f"Voter _History_{stamp}.zip"
            )
        self._tables()

    def _tables(self) -> None:
        geo = self.geography
        atoms = range(geo.atoms)
        self.county = plain(geo.counties.code)
        self.house = table(f"{number} " for number in range(10_000))
        self.street = plain(f"{name} {kind}" for name, kind in streets())
        # A bare double quote now and then: these files must be read with quoting off.
        self.unit = plain(
            ["", *(f'UNIT "{number}"' if number % 40 == 0 else f"APT {number}" for number in range(1, 400))]
        )
        # State is often left blank.
        self.place = table(f"{geo.city(atom)}\t{'FL' if atom % 3 else ''}\t{geo.atom_zip[atom]}\t" for atom in atoms)
        self.mail_box = table(["\t\t\t", *(f"PO BOX {number}\t\t\t" for number in range(1, 1_000))])
        self.mail_place = table([*(f"{geo.city(atom)}\tFL\t{geo.atom_zip[atom]}\t\t" for atom in atoms), "\t\t\t\t"])
        self.area = table(f"{self._precinct(atom)}\t" for atom in atoms)
        self.districts = table(self._districts(atom) for atom in atoms)
        lists = name_lists()
        self.mail_first = table(["", *(f"{mailbox(name)}." for name in lists.firsts)])
        self.mail_last = table(["", *(mailbox(name) for name in lists.surnames)])

    def _precinct(self, atom: int) -> str:
        code = self.geography.precinct_code[int(self.geography.atom_precinct[atom])]
        return f"{code}\t\t{code}.{int(self.geography.atom_split[atom])}\t"

    def _districts(self, atom: int) -> str:
        geo = self.geography
        board = int(geo.atom_precinct[atom]) % 5 + 1
        return f"{geo.atom_cd[atom]}\t{geo.atom_hd[atom]}\t{geo.atom_sd[atom]}\t{board}\t{board}\t"

    def write(self, number: int, chunk: Chunk, votes: Votes, snapshot: Snapshot) -> None:
        """Adds the members of the chunk's counties to the day's zips."""
        stamp = f"{self.plan.snapshot(number):%Y%m%d}"
        order = snapshot.rows[np.argsort(snapshot.county[snapshot.rows], kind="stable")]
        codes = self.geography.counties.code
        voters = Members(self.voters[number], [f"{code}_{stamp}.txt" for code in codes])
        histories = Members(self.histories[number], [f"{code}_H_{stamp}.txt" for code in codes])
        for rows in slices(order):
            voters.write(self._voters(chunk, snapshot, rows), snapshot.county[rows])
            histories.write(*self._history(chunk, votes, snapshot, rows))
        histories.finish(chunk.people.counties)

    def close(self) -> None:
        """Finishes the files of every day."""
        for archive in (*self.voters.values(), *self.histories.values()):
            archive.close()

    def _voters(self, chunk: Chunk, snapshot: Snapshot, rows: np.ndarray) -> pl.Series:
        exempt = chunk.trait(rows, 1) < 180
        shown = self._rows(chunk, snapshot, rows[~exempt], False)
        hidden = self._rows(chunk, snapshot, rows[exempt], True)
        order = np.argsort(np.concatenate([np.flatnonzero(~exempt), np.flatnonzero(exempt)]), kind="stable")
        return take(pl.concat([shown, hidden]), order)

    def _rows(self, chunk: Chunk, snapshot: Snapshot, rows: np.ndarray, hidden: bool) -> pl.Series:
        people = chunk.people
        surnames, firsts, middles = name_tables("", "\t", True)
        lives = addresses(people, snapshot, rows)
        atom = snapshot.atom[rows]
        odd = chunk.trait(rows, 4)
        race = np.where(odd > 9_930, 6, np.where(odd > 9_500, 7, np.where(odd > 9_450, 5, people.race[rows])))
        party = np.where((snapshot.party[rows] == 2) & (odd % 40 == 3), 5, snapshot.party[rows])
        start: list[Piece] = [take(self.county, snapshot.county[rows]), "1", *digits(chunk.number(rows), 9), "\t"]
        public: list[Piece] = [take(SEX, people.sex[rows]), take(plain(RACES), race)]
        registered: list[Piece] = [take_date("%m/%d/%Y", snapshot.reg[rows], "", "\t"), take(plain(PARTIES), party)]
        status = take(STATUS, (snapshot.status[rows] == INACTIVE).astype(np.int64))
        if hidden:
            masked: list[Piece] = ["*\t" * 4, "Y\t", "*\t" * 12, *public, "*\t", *registered, "*\t" * 4, status]
            return lines([*start, *masked, "*\t" * 8, "*\n"], len(rows))
        boxed = chunk.trait(rows, 3) < 700
        phone = people.phone[rows] > 0
        mail = (odd % 25) == 0
        pieces: list[Piece] = [
            *start,
            take(surnames, people.surname[rows]),
            take(second_surnames("\t", True), people.surname2[rows]),
            take(SUFFIX, people.suffix[rows]),
            take(firsts, people.first[rows]),
            take(middles, people.middle[rows]),
            "N\t",
            take(self.house, lives.house),
            take(self.street, lives.street),
            take(self.unit, lives.unit),
            take(self.place, atom),
            take(self.mail_box, np.where(boxed, lives.house % 999 + 1, 0)),
            take(self.mail_place, np.where(boxed, atom, self.geography.atoms)),
            *public,
            take_date("%m/%d/%Y", people.birth[rows], "", "\t"),
            *registered,
            take(self.area, atom),
            status,
            take(self.districts, atom),
            take(AREA, phone.astype(np.int64)),
            take(PHONES, np.where(phone, people.phone[rows] // 1_000, 0)),
            take(PHONE_ENDS, np.where(phone, people.phone[rows] % 1_000 + 1, 0)),
            take(self.mail_first, np.where(mail, people.first[rows].astype(np.int64) + 1, 0)),
            take(self.mail_last, np.where(mail, people.surname[rows].astype(np.int64) + 1, 0)),
            take(table(["\n", "@EXAMPLE.COM\n"]), mail.astype(np.int64)),
        ]
        return lines(pieces, len(rows))

    def _history(
        self, chunk: Chunk, votes: Votes, snapshot: Snapshot, rows: np.ndarray
    ) -> tuple[pl.Series, np.ndarray]:
        """Lines sorted by county, and the county of each."""
        head = lines([take(self.county, snapshot.county[rows]), "1", *digits(chunk.number(rows), 9), "\t"], len(rows))
        chance = chunk.trait(rows, 8)
        parts: list[pl.Series] = [pl.Series(dtype=pl.String)]
        people: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
        for number, election in enumerate(calendar("FL")):
            if election.number >= snapshot.date:
                continue
            mode = votes.mode[number, rows].astype(np.int64)
            silent = (mode == 0) & votes.registered[number, rows]
            draw = (chance * (2 * number + 3)) % 1_000
            mode = np.where(silent & (draw < 6), UNCOUNTED[draw % len(UNCOUNTED)], mode)
            at = np.flatnonzero(mode)
            if len(at):
                text = f"{election.day:%m/%d/%Y}\t{TYPES[election.kind]}\t"
                parts.append(lines([head.gather(at), text, take(HISTORY_CODE, mode[at])], len(at)))
                people.append(rows[at])
        county = snapshot.county[np.concatenate(people)]
        order = np.argsort(county, kind="stable")
        return take(pl.concat(parts), order), county[order]


def mailbox(name: str) -> str:
    """A name as it stands before the @ of an e-mail address."""
    return "".join(letter for letter in ascii_only(name) if letter.isalpha())


SUFFIX = plain(("", "JR", "SR", "II", "III", "IV"))
STATUS = plain(("ACT", "INA"))
SEX = plain(("F", "M", "U"))
AREA = plain(("", AREA_CODES["FL"]))
PHONES = table(f"{number:04d}" if number else "" for number in range(10_000))
PHONE_ENDS = table(["\t\t", *(f"{number:03d}\t\t" for number in range(1_000))])
HISTORY_CODE = plain(CODES, "\n")
