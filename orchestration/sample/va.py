"""Virginia's registered voter list and voter history list: comma, header, ISO-8859-1, `NULL` for blanks.

Quotes stand only where a value holds a comma; some columns are padded with blanks. No party registration: the
primary's party in the history is the only sign of one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from .data import columns
from .days import INACTIVE, Snapshot
from .elections import EARLY, MAIL, PROVISIONAL, Election, calendar
from .fields import Chunk, addresses, name_tables, second_surnames, slices, streets
from .geography import Geography
from .output import PlainOut
from .plan import SamplePlan
from .text import Piece, digits, encode, lines, table, take, take_date
from .voting import BALLOT_DEM, Votes

VOTER_COLUMNS = columns("""
INV_NO IDENTIFICATION_NUMBER LAST_NAME FIRST_NAME MIDDLE_NAME SUFFIX HOUSE_NUMBER HOUSENUMBERSUFFIX STREET_NAME
STREETTYPECODENAME DIRECTION POST_DIRECTION APT_NUM CITY STATE ZIP ADDRESS_LINE_1 ADDRESS_LINE_2 ADDRESS_LINE_3
LOCALITY_CODE LOCALITYNAME PRECINCT_CODE_VALUE PRECINCTNAME TOWNNAME_CODE_VALUE TOWNNAME_CODE_NAME
TOWNPREC_CODE_VALUE TOWNPREC_CODE_NAME CONG_CODE_VALUE STSENATE_CODE_VALUE STHOUSE_CODE_VALUE GENDER DOB
REGISTRATION_DATE EFFECTIVE_DATE MAILING_ADDRESS_LINE_1 MAILING_ADDRESS_LINE_2 MAILING_ADDRESS_LINE_3 MAILING_CITY
MAILING_STATE MAILING_ZIP SUPERDIST_CODE_VALUE SUPERDIST_CODE_NAME MAILING_ADDRESS_USE_RESIDENCE STATUS
""")
HISTORY_COLUMNS = columns("""
IDENTIFICATION_NUMBER ELECTION_DATE ELECTION_NAME ELECTION_YEAR ELECTION_TYPE PRIMARY_TYPE_CODE_NAME ABSENTEE
PROVISIONAL
""")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")


class Virginia:
    """Writes both files of every day, chunk by chunk."""

    def __init__(self, plan: SamplePlan, geography: Geography, landing: Path) -> None:
        self.plan, self.geography = plan, geography
        self.voters: dict[int, PlainOut] = {}
        self.histories: dict[int, PlainOut] = {}
        for number in range(1, plan.days + 1):
            folder = plan.snapshot(number).isoformat()
            self.voters[number] = PlainOut(landing / "va_voters" / folder / "Registered_Voter_List.csv")
            self.voters[number].write((",".join(VOTER_COLUMNS) + "\n").encode())
            self.histories[number] = PlainOut(landing / "va_history" / folder / "Voter_History_List.csv")
            self.histories[number].write((",".join(HISTORY_COLUMNS) + "\n").encode())
        self._tables()

    def _tables(self) -> None:
        geo = self.geography
        atoms = range(geo.atoms)
        self.house = table(f"{number},NULL," for number in range(10_000))
        self.street = table(f"{name},{kind},NULL,NULL," for name, kind in streets())
        self.unit = table(["NULL,", *(f"{number}," for number in range(1, 400))])
        self.place = table(f"{geo.city(atom).ljust(20)},VA,{geo.atom_zip[atom]}," for atom in atoms)
        self.line = table(f"{number} " for number in range(10_000))
        self.line_street = table(f"{name} {kind}," for name, kind in streets())
        self.line_unit = table(["NULL,NULL,", *(f"APT {number},NULL," for number in range(1, 400))])
        self.tail = table(self._tail(atom) for atom in atoms)
        self.mail_box = table(["NULL,NULL,NULL,", *(f"PO BOX {number},NULL,NULL," for number in range(1, 1_000))])
        self.mail_place = table([*(f"{geo.city(atom)},VA,{geo.atom_zip[atom]}," for atom in atoms), "NULL,NULL,NULL,"])
        self.board = table(f"{number},SUPERVISOR DISTRICT {number}," for number in range(1, 6))

    def _tail(self, atom: int) -> str:
        geo = self.geography
        county, precinct = int(geo.atom_county[atom]), int(geo.atom_precinct[atom])
        counties = geo.counties
        code, place = geo.precinct_code[precinct], geo.precinct_name[precinct]
        # Spacing round the dash differs from place to place, and a few names hold a comma.
        name = f"{code} - {place}" if county % 3 else f"{code}-{place}"
        if precinct % 29 == 5:
            name = f'"{name}, EAST"'
        town, _ = geo.municipality(atom)
        town_code = f"{int(geo.atom_muni[atom]) % 900 + 100}" if town else "NULL"
        return ",".join(
            [
                counties.code[county],
                f"{counties.name[county]} {'CITY' if counties.is_city[county] else 'COUNTY'}",
                code,
                name,
                town_code,
                town or "NULL",
                "NULL",
                "NULL",
                f"{int(geo.atom_cd[atom]):02d}",
                f"{int(geo.atom_sd[atom]):02d}",
                f"{int(geo.atom_hd[atom]):03d}",
                "",
            ]
        )

    def write(self, number: int, chunk: Chunk, votes: Votes, snapshot: Snapshot) -> None:
        """Appends the chunk's rows to the day's two files."""
        for rows in slices(snapshot.rows):
            self.voters[number].write(encode(self._voters(chunk, snapshot, rows), "latin-1"))
            for data in self._history(chunk, votes, snapshot, rows):
                self.histories[number].write(encode(data, "latin-1"))

    def close(self) -> None:
        """Finishes the files of every day."""
        for file in (*self.voters.values(), *self.histories.values()):
            file.close()

    def _voters(self, chunk: Chunk, snapshot: Snapshot, rows: np.ndarray) -> pl.Series:
        people = chunk.people
        surnames, firsts, middles = name_tables("", ",", False)
        lives = addresses(people, snapshot, rows)
        atom = snapshot.atom[rows]
        boxed = chunk.trait(rows, 3) < 500
        year_only = chunk.trait(rows, 5) < 20
        born = take_date("%m/%d/%Y", people.birth[rows], "", ",")
        year = take_date("%Y", people.birth[rows], "", ",")
        born = pl.select(pl.when(pl.Series(year_only)).then(year).otherwise(born)).to_series()
        pieces: list[Piece] = [
            "NULL,",
            *digits(chunk.number(rows), 9),
            ",",
            take(surnames, people.surname[rows]),
            take(second_surnames(",", False), people.surname2[rows]),
            take(firsts, people.first[rows]),
            # A middle name left out is the literal NULL, like every other blank.
            take(middles_or_null(middles), people.middle[rows]),
            take(SUFFIX, people.suffix[rows]),
            take(self.house, lives.house),
            take(self.street, lives.street),
            take(self.unit, lives.unit),
            take(self.place, atom),
            take(self.line, lives.house),
            take(self.line_street, lives.street),
            take(self.line_unit, lives.unit),
            take(self.tail, atom),
            take(SEX, people.sex[rows]),
            born,
            take_date("%m/%d/%Y", snapshot.reg[rows], "", ","),
            take_date("%m/%d/%Y", np.maximum(snapshot.changed[rows], snapshot.reg[rows]), "", ","),
            take(self.mail_box, np.where(boxed, lives.house % 999 + 1, 0)),
            take(self.mail_place, np.where(boxed, atom, self.geography.atoms)),
            take(self.board, self.geography.atom_precinct[atom] % 5),
            take(USES_RESIDENCE, boxed.astype(np.int64)),
            take(STATUS, (snapshot.status[rows] == INACTIVE).astype(np.int64)),
        ]
        return lines(pieces, len(rows))

    def _history(self, chunk: Chunk, votes: Votes, snapshot: Snapshot, rows: np.ndarray) -> list[pl.Series]:
        head = lines([*digits(chunk.number(rows), 9), ","], len(rows))
        parts: list[pl.Series] = []
        for number, election in enumerate(calendar("VA")):
            if election.number >= snapshot.date:
                continue
            mode = votes.mode[number, rows]
            at = np.flatnonzero(mode)
            if not len(at):
                continue
            party = (votes.ballot[number, rows[at]] != BALLOT_DEM).astype(np.int64)
            ways = mode[at].astype(np.int64)
            absentee = ((ways == EARLY) | (ways == MAIL)) + 2 * (ways == PROVISIONAL)
            pieces: list[Piece] = [head.gather(at), take(_texts(election), party), take(ABSENTEE, absentee)]
            parts.append(lines(pieces, len(at)))
        return parts


def middles_or_null(middles: pl.Series) -> pl.Series:
    """The table of middle names with NULL for none."""
    return pl.select(pl.when(pl.Series(middles) == ",").then(pl.lit("NULL,")).otherwise(middles)).to_series()


def _texts(election: Election) -> pl.Series:
    """Date, name, year, type and primary of an election, for a Democratic and a Republican ballot."""
    day = election.day
    month = MONTHS[day.month - 1]
    texts = []
    for party in ("Democratic", "Republican"):
        if election.kind == "general":
            name, kind, primary = f"{day.year} {month} General", "General", "NULL"
        else:
            called = "Presidential Primary" if election.kind == "ppp" else "Primary"
            name, kind, primary = f"{day.year} {month} {party} {called}", "Primary", party
        texts.append(f"{day:%m/%d/%Y},{name},{day.year},{kind},{primary},")
    return table(texts)


SUFFIX = table(f"{text.ljust(5)}," if text else "NULL," for text in ("", "JR", "SR", "II", "III", "IV"))
SEX = table(("F,", "M,", "U,"))
USES_RESIDENCE = table(("TRUE,", "FALSE,"))
STATUS = table(("Active\n", "Inactive\n"))
ABSENTEE = table(("FALSE,FALSE\n", "TRUE,FALSE\n", "FALSE,TRUE\n"))
