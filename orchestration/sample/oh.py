"""Ohio's statewide voter files: comma, every field quoted, header, four parts by county number.

Layout: 46 static columns, then one column per election since 2000 (`GENERAL-11/08/2022`): X, a party letter, or blank.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from .data import columns
from .days import INACTIVE, Snapshot
from .elections import calendar
from .fields import Chunk, addresses, name_tables, second_surnames, slices, streets
from .geography import CITY, TOWNSHIP, VILLAGE, Geography
from .output import PlainOut
from .people import People
from .plan import SamplePlan
from .text import Piece, digits, encode, lines, quoted, table, take, take_date
from .voting import BALLOT_DEM, BALLOT_NONPARTISAN, BALLOT_REP, Votes

STATIC_COLUMNS = columns("""
SOS_VOTERID COUNTY_NUMBER COUNTY_ID LAST_NAME FIRST_NAME MIDDLE_NAME SUFFIX DATE_OF_BIRTH REGISTRATION_DATE
VOTER_STATUS PARTY_AFFILIATION RESIDENTIAL_ADDRESS1 RESIDENTIAL_SECONDARY_ADDR RESIDENTIAL_CITY RESIDENTIAL_STATE
RESIDENTIAL_ZIP RESIDENTIAL_ZIP_PLUS4 RESIDENTIAL_COUNTRY RESIDENTIAL_POSTALCODE MAILING_ADDRESS1
MAILING_SECONDARY_ADDRESS MAILING_CITY MAILING_STATE MAILING_ZIP MAILING_ZIP_PLUS4 MAILING_COUNTRY
MAILING_POSTAL_CODE CAREER_CENTER CITY CITY_SCHOOL_DISTRICT COUNTY_COURT_DISTRICT CONGRESSIONAL_DISTRICT
COURT_OF_APPEALS EDU_SERVICE_CENTER_DISTRICT EXEMPTED_VILL_SCHOOL_DISTRICT LIBRARY LOCAL_SCHOOL_DISTRICT
MUNICIPAL_COURT_DISTRICT PRECINCT_NAME PRECINCT_CODE STATE_BOARD_OF_EDUCATION STATE_REPRESENTATIVE_DISTRICT
STATE_SENATE_DISTRICT TOWNSHIP VILLAGE WARD
""")
PARTS = ((1, 22), (23, 44), (45, 66), (67, 88))
# Values of an election column by code; several columns are printed together, so their codes form one number.
VALUES = ("", "X", "D", "R")
TOGETHER = 5


class Ohio:
    """Writes the four parts of every day, chunk by chunk."""

    def __init__(self, plan: SamplePlan, geography: Geography, landing: Path) -> None:
        self.plan, self.geography = plan, geography
        self.elections = calendar("OH")
        columns = STATIC_COLUMNS + [
            f"{'GENERAL' if election.kind == 'general' else 'PRIMARY'}-{election.day:%m/%d/%Y}"
            for election in self.elections
        ]
        head = (",".join(f'"{name}"' for name in columns) + "\n").encode()
        self.parts: dict[int, list[PlainOut]] = {}
        for number in range(1, plan.days + 1):
            folder = landing / "oh_voters" / plan.snapshot(number).isoformat()
            self.parts[number] = [PlainOut(folder / f"SWVF_{low}_{high}.txt") for low, high in PARTS]
            for part in self.parts[number]:
                part.write(head)
        self._tables()

    def _tables(self) -> None:
        geo = self.geography
        atoms = range(geo.atoms)
        self.county = table(f'","{code}","' for code in geo.counties.code)
        self.house = table(f'"{number} ' for number in range(10_000))
        self.street = table(f'{name} {kind}",' for name, kind in streets())
        self.unit = quoted(["", *(f"APT {number}" for number in range(1, 400))], ",")
        self.place = table(f'"{geo.city(atom)}","OH","{geo.atom_zip[atom]}","' for atom in atoms)
        self.mail_box = table(['"","",', *(f'"PO BOX {number}","",' for number in range(1, 1_000))])
        self.mail_place = table(
            [*(f'"{geo.city(atom)}","OH","{geo.atom_zip[atom]}","","","",' for atom in atoms), '"","","","","","",']
        )
        self.tail = table(self._tail(atom) for atom in atoms)
        self.history = [
            table("".join(f',"{VALUES[code // 4**place % 4]}"' for place in range(size)) for code in range(4**size))
            for size in range(TOGETHER + 1)
        ]

    def _tail(self, atom: int) -> str:
        geo = self.geography
        county, precinct = int(geo.atom_county[atom]), int(geo.atom_precinct[atom])
        town, kind = geo.municipality(atom)
        name = geo.counties.name[county]
        fields = {
            "CAREER_CENTER": f"{name} COUNTY CAREER CENTER",
            "CITY": town if kind == CITY else "",
            "CITY_SCHOOL_DISTRICT": f"{town} CITY SD" if kind == CITY else "",
            "CONGRESSIONAL_DISTRICT": f"{int(geo.atom_cd[atom]):02d}",
            "COURT_OF_APPEALS": f"{county % 12 + 1:02d}",
            "LIBRARY": f"{name} COUNTY PUBLIC LIBRARY",
            "LOCAL_SCHOOL_DISTRICT": f"{town} LOCAL SD" if kind != CITY else "",
            "PRECINCT_NAME": geo.precinct_name[precinct],
            "PRECINCT_CODE": geo.precinct_code[precinct],
            "STATE_BOARD_OF_EDUCATION": f"{county % 11 + 1:02d}",
            "STATE_REPRESENTATIVE_DISTRICT": f"{int(geo.atom_hd[atom]):02d}",
            "STATE_SENATE_DISTRICT": f"{int(geo.atom_sd[atom]):02d}",
            "TOWNSHIP": town if kind == TOWNSHIP else "",
            "VILLAGE": town if kind == VILLAGE else "",
            "WARD": f"WARD {precinct % 6 + 1}" if kind == CITY else "",
        }
        return ",".join(f'"{fields.get(column, "")}"' for column in STATIC_COLUMNS[27:])

    def write(self, number: int, chunk: Chunk, votes: Votes, snapshot: Snapshot) -> None:
        """Appends the chunk's rows to the parts its counties belong to."""
        part = snapshot.county[snapshot.rows] // 22
        party = _party(self.elections, votes)
        for index, file in enumerate(self.parts[number]):
            for rows in slices(snapshot.rows[part == index]):
                file.write(encode(self._voters(chunk, votes, snapshot, party, rows), "latin-1"))

    def close(self) -> None:
        """Finishes the files of every day."""
        for parts in self.parts.values():
            for part in parts:
                part.close()

    def _voters(self, chunk: Chunk, votes: Votes, snapshot: Snapshot, party: np.ndarray, rows: np.ndarray) -> pl.Series:
        people: People = chunk.people
        surnames, firsts, middles = name_tables('"', '",', False)
        lives = addresses(people, snapshot, rows)
        atom = snapshot.atom[rows]
        boxed = chunk.trait(rows, 3) < 500
        pieces: list[Piece] = [
            '"OH0',
            *digits(chunk.number(rows), 9),
            take(self.county, snapshot.county[rows]),
            *digits(people.serial[rows] + np.where(snapshot.crossed[rows], 50_000_001, 1), 8),
            '",',
            take(surnames, people.surname[rows]),
            take(second_surnames('",', False), people.surname2[rows]),
            take(firsts, people.first[rows]),
            take(middles, people.middle[rows]),
            take(SUFFIX, people.suffix[rows]),
            take_date("%Y-%m-%d", people.birth[rows], '"', '","'),
            take_date("%Y-%m-%d", snapshot.reg[rows], "", '",'),
            take(STATUS, (snapshot.status[rows] == INACTIVE).astype(np.int64)),
            take(PARTY, party[rows]),
            take(self.house, lives.house),
            take(self.street, lives.street),
            take(self.unit, lives.unit),
            take(self.place, atom),
            take(PLUS4, np.where(chunk.trait(rows, 5) < 7_000, chunk.trait(rows, 6), 10_000)),
            '"","",',
            take(self.mail_box, np.where(boxed, lives.house % 999 + 1, 0)),
            take(self.mail_place, np.where(boxed, atom, self.geography.atoms)),
            take(self.tail, atom),
            *self._elections(votes, rows),
            "\n",
        ]
        return lines(pieces, len(rows))

    def _elections(self, votes: Votes, rows: np.ndarray) -> list[pl.Series]:
        pieces: list[pl.Series] = []
        for start in range(0, len(self.elections), TOGETHER):
            numbers = range(start, min(start + TOGETHER, len(self.elections)))
            code = np.zeros(len(rows), dtype=np.int64)
            for place, number in enumerate(numbers):
                voted = votes.mode[number, rows] > 0
                value = VALUE_OF_BALLOT[votes.ballot[number, rows]]
                code += np.where(voted, value, 0) * 4**place
            pieces.append(take(self.history[len(numbers)], code))
        return pieces


def _party(elections: tuple, votes: Votes) -> np.ndarray:
    """Party of the last partisan primary ballot: 0 none, 1 D, 2 R."""
    party = np.zeros(votes.mode.shape[1], dtype=np.int64)
    for number in range(len(elections)):
        ballot = votes.ballot[number]
        party = np.where(ballot == BALLOT_DEM, 1, np.where(ballot == BALLOT_REP, 2, party))
    return party


SUFFIX = quoted(("", "JR", "SR", "II", "III", "IV"), ",")
STATUS = quoted(("ACTIVE", "CONFIRMATION"), ",")
PARTY = quoted(("", "D", "R"), ",")
PLUS4 = table([*(f'{number:04d}",' for number in range(10_000)), '",'])
VALUE_OF_BALLOT = np.zeros(4, dtype=np.int64)
VALUE_OF_BALLOT[[0, BALLOT_DEM, BALLOT_REP, BALLOT_NONPARTISAN]] = (1, 2, 3, 1)
