"""Pennsylvania's Full Voter Export: per county a voter file of 154 columns and three companions, in one zip.

Tab, every field quoted, no header. Zone numbers and election numbers mean something different in each county;
only the county's own companions say what.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from .days import INACTIVE, Snapshot
from .elections import Election, calendar, days
from .fields import AREA_CODES, Chunk, addresses, name_tables, second_surnames, slices, streets
from .geography import CITY, TOWNSHIP, Geography
from .output import Members, ZipFileOut
from .plan import SamplePlan
from .rng import stream
from .text import Piece, digits, lines, quoted, table, take, take_date
from .voting import Votes

ZONES = 40
SLOTS = 40
ZONE_TYPES = (
    ("Prec", "Precinct"),
    ("MN", "Municipality"),
    ("WD", "Ward"),
    ("SC", "School District"),
    ("MD", "Magisterial District"),
    ("STH", "State House of Representatives"),
    ("STS", "State Senatorial District"),
    ("USC", "US Congressional District"),
    ("JD", "Judicial District"),
    ("CO", "County"),
)
METHODS = ("", "AP", "AB", "MB", "P")
# No affiliation has several spellings, by county.
PARTIES = ("D", "R", "NF", "LN", "GR")
VALUES = len(METHODS) * len(PARTIES)
INDEPENDENT = ("NF", "NO", "IND")
KINDS = {CITY: "CITY", TOWNSHIP: "TOWNSHIP"}


class Pennsylvania:
    """Writes the zip of every day, county by county."""

    def __init__(self, plan: SamplePlan, geography: Geography, landing: Path) -> None:
        self.plan, self.geography = plan, geography
        self.elections = calendar("PA")
        self.zips: dict[int, ZipFileOut] = {}
        for number in range(1, plan.days + 1):
            day = plan.snapshot(number)
            folder = landing / "pa_voters" / day.isoformat()
            self.zips[number] = ZipFileOut(folder / f"Statewide_FVE_{day:%Y%m%d}.zip")
        self._tables()

    def _tables(self) -> None:
        geo = self.geography
        atoms = range(geo.atoms)
        self.house = quoted(str(number) for number in range(10_000))
        self.street = table(f'""\t"{name} {kind}"\t' for name, kind in streets())
        self.unit = table(['""\t""\t', *(f'"{number}"\t""\t' for number in range(1, 400))])
        self.place = table(f'"{geo.city(atom)}"\t"PA"\t"{geo.atom_zip[atom]}"\t' for atom in atoms)
        self.mail_box = table(['""\t""\t', *(f'"PO BOX {number}"\t""\t' for number in range(1, 1_000))])
        self.mail_place = table(
            [*(f'"{geo.city(atom)}"\t"PA"\t"{geo.atom_zip[atom]}"\t' for atom in atoms), '""\t""\t""\t']
        )
        self.precinct = table(
            f'"{geo.precinct_code[int(geo.atom_precinct[atom])]}"\t'
            f'"{geo.precinct_code[int(geo.atom_precinct[atom])]}-{int(geo.atom_split[atom])}"\t'
            for atom in atoms
        )
        self.county_end = table(f'-{code}"\t""\t' for code in geo.counties.code)
        self.zone_numbers = [self._zone_numbers(county) for county in range(len(geo.counties))]
        self.slots = [self._slots(county) for county in range(len(geo.counties))]
        self.zones = table(self._zones(atom) for atom in atoms)
        # Rows: slot; columns: county; the last election number stands for "not in use".
        self.slot_election = np.full((SLOTS, len(geo.counties)), len(self.elections), dtype=np.int64)
        for county, slots in enumerate(self.slots):
            for slot, number in slots.items():
                self.slot_election[slot - 1, county] = number
        self.vote = table(
            _vote(left, none) + _vote(right, none)
            for none in INDEPENDENT
            for left in range(VALUES)
            for right in range(VALUES)
        )
        self.parties = quoted(_party(party, none) for none in INDEPENDENT for party in range(len(PARTIES)))
        self.county_name = table(f'"\t"{name.upper()}"\t""\t' for name in geo.counties.name)

    def _zone_numbers(self, county: int) -> dict[str, int]:
        """The county's number of each zone type, 1 .. 14, in an order of its own."""
        rng = stream(self.plan.seed, "PA", "zones", county)
        numbers = np.sort(rng.choice(np.arange(1, 15), len(ZONE_TYPES), replace=False))
        order = rng.permutation(len(ZONE_TYPES))
        return {ZONE_TYPES[int(kind)][0]: int(number) for kind, number in zip(order, numbers, strict=True)}

    def _slots(self, county: int) -> dict[int, int]:
        """Election slot (1 .. 40) -> number in the calendar; newest first, shifted differently by county."""
        rng = stream(self.plan.seed, "PA", "slots", county)
        count = len(self.elections)
        numbers = np.sort(rng.choice(np.arange(1, SLOTS + 1), count, replace=False))
        return {int(slot): count - 1 - place for place, slot in enumerate(numbers)}

    def _zone_codes(self, atom: int) -> dict[str, tuple[str, str]]:
        """Zone type -> code and description of the zone the atom lies in."""
        geo = self.geography
        county, precinct, muni = int(geo.atom_county[atom]), int(geo.atom_precinct[atom]), int(geo.atom_muni[atom])
        town, kind = geo.municipality(atom)
        number = muni + 1
        cd, sd, hd = int(geo.atom_cd[atom]), int(geo.atom_sd[atom]), int(geo.atom_hd[atom])
        magistrate = county * 5 + precinct % 4 + 1
        codes = {
            "Prec": (geo.precinct_code[precinct], geo.precinct_name[precinct]),
            "SC": (f"SC{number}", f"{town} AREA SCHOOL DISTRICT"),
            "MD": (f"MD{magistrate}", f"MAGISTERIAL DISTRICT {magistrate}"),
            "STH": (f"STH{hd:03d}", f"{hd} LEGISLATIVE DISTRICT"),
            "STS": (f"STS{sd:02d}", f"{sd} SENATORIAL DISTRICT"),
            "USC": (f"USC{cd:02d}", f"{cd} CONGRESSIONAL DISTRICT"),
            "JD": (f"JD{county + 1}", f"{county + 1} JUDICIAL DISTRICT"),
            "CO": (f"CO{county + 1}", f"{geo.counties.name[county].upper()} COUNTY"),
        }
        if town:
            codes["MN"] = (f"MN{number}", f"{town} {KINDS.get(kind, 'BOROUGH')}")
        if kind == CITY:
            codes["WD"] = (f"WD{number}-{precinct % 6 + 1}", f"{town} WARD {precinct % 6 + 1}")
        return codes

    def _zones(self, atom: int) -> str:
        numbers = self.zone_numbers[int(self.geography.atom_county[atom])]
        fields = [""] * ZONES
        for kind, (code, _) in self._zone_codes(atom).items():
            fields[numbers[kind] - 1] = code
        return "".join(f'"{field}"\t' for field in fields)

    def write(self, number: int, chunk: Chunk, votes: Votes, snapshot: Snapshot) -> None:
        """Adds the four members of each of the chunk's counties to the day's zip."""
        stamp = f"{self.plan.snapshot(number):%Y%m%d}"
        archive = self.zips[number]
        order = snapshot.rows[np.argsort(snapshot.county[snapshot.rows], kind="stable")]
        last = _last_vote(self.elections, votes)
        files = Members(archive, [f"{name} FVE {stamp}.txt" for name in self.geography.counties.name])
        for rows in slices(order):
            files.write(self._voters(chunk, votes, snapshot, last, rows), snapshot.county[rows])
        for county in chunk.people.counties:
            name = self.geography.counties.name[county]
            archive.add(f"{name} Zone Types {stamp}.txt", self._zone_types(county))
            archive.add(f"{name} Zone Codes {stamp}.txt", self._zone_code_file(county))
            archive.add(f"{name} Election Map {stamp}.txt", self._election_map(county))

    def close(self) -> None:
        """Finishes the files of every day."""
        for archive in self.zips.values():
            archive.close()

    def _voters(self, chunk: Chunk, votes: Votes, snapshot: Snapshot, last: np.ndarray, rows: np.ndarray) -> pl.Series:
        people = chunk.people
        county = snapshot.county[rows]
        surnames, firsts, middles = name_tables('"', '"\t', True)
        lives = addresses(people, snapshot, rows)
        atom = snapshot.atom[rows]
        boxed = chunk.trait(rows, 3) < 500
        phone = people.phone[rows] > 0
        pieces: list[Piece] = [
            '"',
            *digits(chunk.number(rows), 9),
            # The identity stays with the county of first registration.
            take(self.county_end, people.county[rows]),
            take(surnames, people.surname[rows]),
            take(second_surnames('"\t', True), people.surname2[rows]),
            take(firsts, people.first[rows]),
            take(middles, people.middle[rows]),
            take(SUFFIX, people.suffix[rows]),
            take(SEX, people.sex[rows]),
            take_date("%m/%d/%Y", people.birth[rows], '"', '"\t'),
            take_date("%m/%d/%Y", snapshot.reg[rows], '"', '"\t'),
            take(STATUS, (snapshot.status[rows] == INACTIVE).astype(np.int64)),
            take_date("%m/%d/%Y", np.maximum(snapshot.reg[rows], snapshot.changed[rows]), '"', '"\t'),
            take(self.parties, county % len(INDEPENDENT) * len(PARTIES) + snapshot.party[rows]),
            take(self.house, lives.house),
            take(self.street, lives.street),
            take(self.unit, lives.unit),
            take(self.place, atom),
            take(self.mail_box, np.where(boxed, lives.house % 999 + 1, 0)),
            take(self.mail_place, np.where(boxed, atom, self.geography.atoms)),
            self._last_vote_date(last[rows]),
            take(self.precinct, atom),
            take_date("%m/%d/%Y", np.maximum(snapshot.changed[rows], last[rows]), '"', '"\t""\t'),
            take(self.zones, atom),
            *self._votes(votes, snapshot, rows),
            take(PHONE_AREA, phone.astype(np.int64)),
            take(PHONES, np.where(phone, people.phone[rows] // 1_000, 0)),
            take(PHONE_ENDS, np.where(phone, people.phone[rows] % 1_000 + 1, 0)),
            take(self.county_name, county),
            take(REGISTERED_BY, chunk.trait(rows, 9) % 4),
        ]
        return lines(pieces, len(rows))

    def _last_vote_date(self, last: np.ndarray) -> pl.Series:
        date = take_date("%m/%d/%Y", last, '"', '"\t')
        return pl.select(pl.when(pl.Series(last > 0)).then(date).otherwise(pl.lit('""\t'))).to_series()

    def _votes(self, votes: Votes, snapshot: Snapshot, rows: np.ndarray) -> list[Piece]:
        """The forty election slots, two at a time."""
        codes = np.zeros((len(self.elections) + 1, len(rows)), dtype=np.int64)
        party = snapshot.party[rows].astype(np.int64)
        for number, election in enumerate(self.elections):
            mode = votes.mode[number, rows].astype(np.int64)
            # Mail-in voting for everyone came in 2020; before, mail ballots were absentee ballots.
            method = np.where(mode == 3, 3 if election.day.year >= 2020 else 2, mode)
            codes[number] = np.where(method > 0, method * len(PARTIES) + party, 0)
        county = snapshot.county[rows]
        variant = county % len(INDEPENDENT) * VALUES**2
        at = np.arange(len(rows))
        pieces: list[Piece] = []
        for slot in range(0, SLOTS, 2):
            left = codes[self.slot_election[slot, county], at]
            right = codes[self.slot_election[slot + 1, county], at]
            pieces.append(take(self.vote, variant + left * VALUES + right))
        return pieces

    def _zone_types(self, county: int) -> bytes:
        name = self.geography.counties.name[county].upper()
        kinds = dict(ZONE_TYPES)
        rows = sorted((number, kind) for kind, number in self.zone_numbers[county].items())
        return "".join(f'"{name}"\t{number}\t"{kind}"\t"{kinds[kind]}"\n' for number, kind in rows).encode()

    def _zone_code_file(self, county: int) -> bytes:
        geo = self.geography
        name = geo.counties.name[county].upper()
        numbers = self.zone_numbers[county]
        found = {
            (numbers[kind], code, text)
            for atom in range(int(geo.county_atoms[county]), int(geo.county_atoms[county + 1]))
            for kind, (code, text) in self._zone_codes(atom).items()
        }
        return "".join(f'"{name}"\t{number}\t"{code}"\t"{text}"\n' for number, code, text in sorted(found)).encode()

    def _election_map(self, county: int) -> bytes:
        name = self.geography.counties.name[county].upper()
        rows = []
        for slot, number in sorted(self.slots[county].items()):
            election = self.elections[number]
            title = f"{election.day.year} {'GENERAL ELECTION' if election.kind == 'general' else 'GENERAL PRIMARY'}"
            rows.append(f'"{name}"\t{slot}\t"{title}"\t"{election.day:%m/%d/%Y}"\n')
        return "".join(rows).encode()


def _party(party: int, independent: str) -> str:
    return independent if PARTIES[party] == "NF" else PARTIES[party]


def _vote(code: int, independent: str) -> str:
    """One election's two fields; codes below the number of parties stand for no vote."""
    method, party = METHODS[code // len(PARTIES)], code % len(PARTIES)
    return f'"{method}"\t"{_party(party, independent) if method else ""}"\t'


def _last_vote(elections: tuple[Election, ...], votes: Votes) -> np.ndarray:
    """Day of each person's last vote, 0 for none."""
    last = np.zeros(votes.mode.shape[1], dtype=np.int64)
    for number, election in enumerate(elections):
        last = np.where(votes.mode[number] > 0, days(election.day), last)
    return last


SUFFIX = quoted(("", "JR", "SR", "II", "III", "IV"))
SEX = quoted(("F", "M", "U"))
STATUS = quoted(("A", "I"))
PHONE_AREA = table(('"', f'"{AREA_CODES["PA"]}'))
PHONES = table(f"{number:04d}" if number else "" for number in range(10_000))
PHONE_ENDS = table(["", *(f"{number:03d}" for number in range(1_000))])
REGISTERED_BY = quoted(("OVR", "PENNDOT", "PAPER", ""), "\n")
