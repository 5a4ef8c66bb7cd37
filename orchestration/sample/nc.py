"""North Carolina's voter file and history: tab, every field quoted, latin-1, CRLF, char fields padded with blanks.

Layout: `ncvoter_Statewide.txt` (70 columns since February 2026) and `ncvhis_Statewide.txt` (15 columns).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from .days import DENIED, REMOVED, Snapshot
from .elections import Election, calendar, days
from .fields import AREA_CODES, Chunk, addresses, name_tables, second_surnames, slices, streets
from .geography import Geography
from .kinds import HISPANIC
from .nc_codes import (
    CUMBERLAND,
    DID_NOT_VOTE,
    HISTORY_COLUMNS,
    HISTORY_YEARS,
    MASK,
    METHODS_NEW,
    METHODS_OLD,
    PARTIES,
    RACES,
    STATUS,
    TRANSFER,
    VOTER_COLUMNS,
)
from .output import ZipFileOut
from .plan import SamplePlan
from .text import Piece, digits, encode, lines, plain, quoted, table, take, take_date
from .voting import BALLOT_DEM, BALLOT_REP, Votes


class NorthCarolina:
    """Writes both files of every day, chunk by chunk."""

    def __init__(self, plan: SamplePlan, geography: Geography, landing: Path) -> None:
        self.plan, self.geography = plan, geography
        self.voters: dict[int, ZipFileOut] = {}
        self.histories: dict[int, ZipFileOut] = {}
        for number in range(1, plan.days + 1):
            folder = plan.snapshot(number).isoformat()
            voters = ZipFileOut(landing / "nc_voters" / folder / "ncvoter_Statewide.zip")
            voters.start("ncvoter_Statewide.txt")
            voters.write(("\t".join(f'"{name}"' for name in VOTER_COLUMNS) + "\r\n").encode("latin-1"))
            history = ZipFileOut(landing / "nc_history" / folder / "ncvhis_Statewide.zip")
            history.start("ncvhis_Statewide.txt")
            history.write(("\t".join(f'"{name}"' for name in HISTORY_COLUMNS) + "\r\n").encode("latin-1"))
            self.voters[number], self.histories[number] = voters, history
        self._tables()

    def _tables(self) -> None:
        geo = self.geography
        counties = geo.counties
        self.county = quoted_pairs(zip(counties.code, counties.name, strict=True))
        letters = [f"{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(len(counties))]
        self.ncid = table(f'"\t"{pair}' for pair in letters)
        self.history_ncid = table(f'"{pair}' for pair in letters)
        self.status = table(
            f'"{code.ljust(2)}"\t"{text}"\t"{reason}"\t"{why}"\t"'
            for code, text, reasons in STATUS
            for reason, why in reasons
        )
        self.house = table(["", *(f"{number}  " for number in range(1, 10_000))])
        self.street = table([*(f"{name} {kind}   " for name, kind in streets()), "", "REMOVED"])
        self.unit = table(['"', *(f"# {number}" + '"' for number in range(1, 400))])
        atoms = range(geo.atoms)
        self.place = table(
            [
                *(f'\t"{geo.city(atom)}"\t"NC"\t"{str(geo.atom_zip[atom]).ljust(9)}"\t' for atom in atoms),
                '\t""\t""\t"' + " " * 9 + '"\t',
            ]
        )
        self.mail_box = table(['""', *(f'"PO BOX {number}"' for number in range(1, 1_000))])
        self.mail_place = table(
            [
                *(f'\t""\t""\t""\t"{geo.city(atom)}"\t"NC"\t"{str(geo.atom_zip[atom]).ljust(9)}"\t"' for atom in atoms),
                '\t""\t""\t""\t""\t""\t"' + " " * 9 + '"\t"',
            ]
        )
        self.phone_area = table(["", AREA_CODES["NC"]])
        self.race = table(f'"{race.ljust(3)}"\t"{ethnic.ljust(3)}"\t' for race, ethnic in RACES)
        self.party = quoted(code for code, _ in PARTIES)
        self.gender = quoted("FMU")
        year = self.plan.first_day.year
        self.birth = table(f'"{number}"\t"{str(year - number).ljust(3)}"\t' for number in range(1890, year))
        traits = [
            f'"{birth}"\t"{licence}"\t"{ssn}"\t"{box}"\t"{hava}"\t'
            for birth in ("NC", "NC", "NY", "VA", "")
            for licence in "YYYN"
            for ssn in "YN"
            for box, hava in (("N", "N"), ("", "N"))
        ]
        self.traits = table(traits)
        self.tail = table([*(self._tail(atom) for atom in atoms), '""\t' * 32 + '""\r\n'])
        precinct = [
            f'"{code}"\t"{code}_{name}"\t' for code, name in zip(geo.precinct_code, geo.precinct_name, strict=True)
        ]
        self.history_precinct = table(precinct)
        self.history_vtd = table(text[:-1] + "\r\n" for text in precinct)
        self.history_party = quoted_pairs([*PARTIES, ("", "")])

    def _tail(self, atom: int) -> str:
        geo = self.geography
        county = int(geo.atom_county[atom])
        precinct = int(geo.atom_precinct[atom])
        code, name = geo.precinct_code[precinct], f"{geo.precinct_code[precinct]}_{geo.precinct_name[precinct]}"
        town, _ = geo.municipality(atom)
        short = "".join(town.split())[:3]
        cd, sd, hd = int(geo.atom_cd[atom]), int(geo.atom_sd[atom]), int(geo.atom_hd[atom])
        court = county // 3 + 1
        seat = precinct % 5 + 1
        fields = [
            code,
            name,
            short,
            town,
            "",
            "",
            f"{cd:02d}",
            f"{court:02d}A",
            f"{court:02d}",
            f"{sd:02d}",
            f"{hd:03d}",
            str(seat),
            f"COMMISSIONER DISTRICT {seat}",
            "",
            "",
            str(seat),
            f"SCHOOL DISTRICT {seat}",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            short,
            town,
            f"{court:02d}",
            f"PROSECUTORIAL DISTRICT {court}",
            code,
            name,
        ]
        return "\t".join(f'"{field}"' for field in fields) + "\r\n"

    def write(self, number: int, chunk: Chunk, votes: Votes, snapshot: Snapshot) -> None:
        """Appends the chunk's rows to the day's two files."""
        for rows in slices(snapshot.rows):
            self.voters[number].write(encode(self._voters(chunk, snapshot, rows), "latin-1"))
            for data in self._history(chunk, votes, snapshot, rows):
                self.histories[number].write(encode(data, "latin-1"))

    def close(self) -> None:
        """Finishes the files of every day."""
        for archive in (*self.voters.values(), *self.histories.values()):
            archive.close()

    def _registration_number(self, chunk: Chunk, snapshot: Snapshot, rows: np.ndarray) -> list[Piece]:
        # Unique within the county only; a move to another county brings a new one.
        number = chunk.people.serial[rows] + 1 + np.where(snapshot.crossed[rows], 50_000_000, 0)
        return digits(number, 12, before='"')

    def _voters(self, chunk: Chunk, snapshot: Snapshot, rows: np.ndarray) -> pl.Series:
        people, geo = chunk.people, self.geography
        surnames, firsts, middles = name_tables('"', '"\t', False)
        status, atom = snapshot.status[rows], snapshot.atom[rows]
        removed = (status == REMOVED) | (status == DENIED)
        hidden = (chunk.trait(rows, 1) < 40) & ~removed
        masked = masked_dates(chunk, snapshot.county, rows, self.plan.first_day)
        lives = addresses(people, snapshot, rows)
        blank = removed | hidden
        boxed = (chunk.trait(rows, 3) < 600) & ~blank
        box = np.where(boxed, lives.house % 999 + 1, 0)
        phone = (people.phone[rows] > 0) & ~blank
        race = people.race[rows].astype(np.int64)
        odd = chunk.trait(rows, 4)
        race = np.where((race == HISPANIC) & (odd % 2 == 0), 6, race)
        race = np.where(odd > 9_300, np.where(odd > 9_700, 5, 7), race)
        registered = take_date("%m/%d/%Y", np.where(masked, 0, snapshot.reg[rows]), before='"', after='"\t')
        mask = pl.when(pl.Series(masked)).then(pl.lit(f'"{MASK}"\t'))
        registered = pl.select(mask.otherwise(registered)).to_series()
        review = np.where(chunk.trait(rows, 5) < 6, 1, 0)
        birth_year = (np.datetime64("1970-01-01") + people.birth[rows]).astype("datetime64[Y]").astype(np.int64) + 1970
        reason = (chunk.trait(rows, 6) % 10).astype(np.int64)
        pieces: list[Piece] = [
            take(self.county, snapshot.county[rows]),
            *self._registration_number(chunk, snapshot, rows),
            take(self.ncid, people.county[rows]),
            *digits(people.serial[rows] + 1, 7),
            '   "\t',
            take(surnames, people.surname[rows]),
            take(plain(("", " #"), ""), review),
            take(second_surnames('"\t', False), people.surname2[rows]),
            take(firsts, people.first[rows]),
            take(middles, people.middle[rows]),
            take(SUFFIX, people.suffix[rows]),
            take(self.status, status.astype(np.int64) * 10 + reason),
            take(self.house, np.where(blank, 0, lives.house)),
            take(self.street, np.where(removed, len(streets()) + 1, np.where(hidden, len(streets()), lives.street))),
            take(self.unit, np.where(blank, 0, lives.unit)),
            take(self.place, np.where(blank, geo.atoms, atom)),
            take(self.mail_box, box),
            take(self.mail_place, np.where(boxed, atom, geo.atoms)),
            take(self.phone_area, phone.astype(np.int64)),
            take(PHONES, np.where(phone, people.phone[rows] // 1_000, 0)),
            take(PHONE_ENDS, np.where(phone, people.phone[rows] % 1_000 + 1, 0)),
            take(CONFIDENTIAL, hidden.astype(np.int64)),
            registered,
            take(self.race, race),
            take(self.party, snapshot.party[rows]),
            take(self.gender, people.sex[rows]),
            take(self.birth, birth_year - 1890),
            take(self.traits, chunk.trait(rows, 7) % len(self.traits)),
            take(self.tail, np.where(removed, geo.atoms, atom)),
        ]
        return lines(pieces, len(rows))

    def _history(self, chunk: Chunk, votes: Votes, snapshot: Snapshot, rows: np.ndarray) -> list[pl.Series]:
        """One series of lines per election."""
        people, geo = chunk.people, self.geography
        since = snapshot.date - int(HISTORY_YEARS * 365.25)
        head = lines(
            [take(self.county, snapshot.county[rows]), *self._registration_number(chunk, snapshot, rows), '"\t'],
            len(rows),
        )
        ncid = lines(
            [take(self.history_ncid, people.county[rows]), *digits(people.serial[rows] + 1, 7), '   "\t'], len(rows)
        )
        chance = chunk.trait(rows, 8)
        parts: list[pl.Series] = []
        for number, election in enumerate(calendar("NC")):
            if election.number < since:
                continue
            mode = votes.mode[number, rows].astype(np.int64)
            place = votes.place(people, number)[rows]
            silent = (mode == 0) & votes.registered[number, rows] & (snapshot.status[rows] != DENIED)
            draw = (chance * (2 * number + 3)) % 1_000
            moved = people.moved[rows] > election.number
            mode = np.where(silent & (draw < 30), DID_NOT_VOTE, np.where(silent & moved & (draw > 985), TRANSFER, mode))
            # One in sixty votes at the polls is cast at the curb.
            mode = np.where((mode == 1) & (draw % 60 == 7), 5, np.where((mode == 2) & (draw % 60 == 7), 6, mode))
            at = np.flatnonzero(mode)
            if not len(at):
                continue
            party = np.where(mode[at] >= DID_NOT_VOTE, 5, snapshot.party[rows[at]]).astype(np.int64)
            ballot = votes.ballot[number, rows[at]]
            party = np.where(ballot == BALLOT_DEM, 0, np.where(ballot == BALLOT_REP, 1, party))
            precinct = geo.atom_precinct[place[at]]
            pieces: list[Piece] = [
                head.gather(at),
                _election_text(election),
                take(METHOD_NEW if election.day.year >= 2018 else METHOD_OLD, mode[at]),
                take(self.history_party, party),
                take(self.history_precinct, precinct),
                ncid.gather(at),
                take(self.county, geo.atom_county[place[at]]),
                take(self.history_vtd, precinct),
            ]
            parts.append(lines(pieces, len(at)))
        return parts


def masked_dates(chunk: Chunk, county: np.ndarray, rows: np.ndarray, first_day: date) -> np.ndarray:
    """Whose registration date is masked: three in a thousand, half of them in one county, no newcomer."""
    rate = np.where(county[rows] == CUMBERLAND, 520, 16)
    return (chunk.trait(rows, 2) < rate) & (chunk.people.reg[rows] < days(first_day))


def quoted_pairs(pairs: Iterable[tuple[str, str]]) -> pl.Series:
    """Two quoted fields and their tabs, per pair."""
    return table(f'"{left}"\t"{right}"\t' for left, right in pairs)


def _election_text(election: Election) -> str:
    day = election.day.strftime("%m/%d/%Y")
    return f'"{day}"\t"{day} {"GENERAL" if election.kind == "general" else "PRIMARY"}"\t'


SUFFIX = quoted(text.ljust(3) for text in ("", "JR", "SR", "II", "III", "IV"))
CONFIDENTIAL = table(['"\t"N"\t', '"\t"Y"\t'])
PHONES = table(f"{number:04d}" if number else "" for number in range(10_000))
PHONE_ENDS = table(["", *(f"{number:03d}" for number in range(1_000))])
METHOD_OLD = quoted([*METHODS_OLD, "ELIGIBLE DID NOT VOTE", "TRANSFER"])
METHOD_NEW = quoted([*METHODS_NEW, "ELIGIBLE DID NOT VOTE", "TRANSFER"])
