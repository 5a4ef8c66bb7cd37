"""The FEC's bulk files: invented committees and candidates, and people of the contact world as their contributors.

Nothing of the FEC's own files is copied. The oddities of the real ones are: no header, no quoting, latin-1, impossible
days, memo items, a gift through a conduit in two filings, the same rows once more under by_date/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample.data.names import CANDIDATE_FIRST, CANDIDATE_LAST
from orchestration.sample.elections import days
from orchestration.sample.feeds import _giving as giving
from orchestration.sample.output import ZipFileOut
from orchestration.sample.rng import stream
from orchestration.sample.text import table, take

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE = 0.12
# Published once a week.
EVERY = 7
OWN, RIVAL, CONDUITS, SUPER_PAC, PAC = "C99900001", "C99900011", ("C99900021", "C99900022"), "C99900031", "C99900041"
CANDIDATES = (("S6NC99901", "DEM", OWN), ("S6NC99902", "REP", RIVAL))
# Id, name, designation, type, party, candidate.
COMMITTEES = (
    (OWN, "WORKED EXAMPLE FOR SENATE", "P", "S", "DEM", "S6NC99901"),
    ("C99900002", "WORKED EXAMPLE STATE PARTY, FEDERAL ACCOUNT", "U", "Y", "DEM", ""),
    ("C99900003", "WORKED EXAMPLE PAC", "U", "N", "", ""),
    ("C99900009", "A FRIEND FOR HOUSE", "U", "H", "DEM", ""),
    (RIVAL, "RIVAL FOR SENATE", "P", "S", "REP", "S6NC99902"),
    (CONDUITS[0], 'EXAMPLE CONDUIT "BLUE"', "U", "V", "", ""),
    (CONDUITS[1], "EXAMPLE CONDUIT RED", "U", "V", "", ""),
    (SUPER_PAC, "EXAMPLE FUTURE FUND", "U", "O", "", ""),
    (PAC, "EXAMPLE MAKERS PAC", "B", "Q", "", ""),
)
COLUMNS = (
    "committee", "amendment", "report", "election", "image", "type", "entity", "name", "city", "state", "zip",
    "employer", "occupation", "date", "amount", "other", "transaction", "file", "memo", "memo_text", "sub",
)  # fmt: skip
AMOUNTS = np.array([2500, 5000, 10000, 20000, 25000, 50000, 100000, 350000])


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes the three deliveries on day 1, 8, ...; no person's record comes of them, so no truth is returned."""
    people = giving.accounts(crowd, "fec", SHARE, "fec", 0.03)
    rows = _individuals(people, plan)
    for day in range(1, plan.days + 1, EVERY):
        stamp = plan.snapshot(day).isoformat()
        known = rows.filter(pl.col("day") < days(plan.snapshot(day)) - 20)
        with ZipFileOut(landing / "fec_individuals" / stamp / "indiv26.zip") as archive:
            archive.add("itcont.txt", _file(known, COLUMNS))
            archive.add("by_date/itcont_2026_20250101_20260630.txt", _file(known.head(50), COLUMNS))
        lists = landing / "fec_committees" / stamp
        for name, text in _lists(plan).items():
            with ZipFileOut(lists / f"{name}26.zip") as archive:
                archive.add(f"{name}.txt", text.encode("latin-1"))
        between, candidates = _between(plan, days(plan.snapshot(day)))
        folder = landing / "fec_transactions" / stamp
        with ZipFileOut(folder / "oth26.zip") as archive:
            archive.add("itoth.txt", _file(between, COLUMNS))
        with ZipFileOut(folder / "pas226.zip") as archive:
            archive.add("itpas2.txt", _file(candidates, (*COLUMNS[:16], "candidate", *COLUMNS[16:])))
    return pl.DataFrame(schema={"source": pl.String, "record_key": pl.String, "person": pl.Int64})


def _individuals(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """A gift per contributor and its echoes: at the conduit, as a memo, paid back."""
    count = len(people)
    rng = stream(plan.seed, "fec", "individuals")
    cents = rng.choice(AMOUNTS, count, p=[0.2, 0.2, 0.2, 0.1, 0.12, 0.1, 0.06, 0.02])
    way = np.where(rng.random(count) < 0.6, 1, 0)
    to = rng.choice(3, count, p=[0.5, 0.4, 0.1])
    committee = take(table((OWN, RIVAL, "C99900002")), to)
    conduit = take(table((CONDUITS[0], CONDUITS[1], CONDUITS[0])), to)
    day = days(plan.first_day) - rng.integers(1, 560, count)
    odd = rng.random(count)
    written = pl.Series(day).cast(pl.Int32).cast(pl.Date).dt.strftime("%m%d%Y")
    impossible = pl.when(pl.col("odd") < 0.004).then(pl.lit("02302026")).when(pl.col("odd") < 0.006).then(pl.lit(""))
    middle = pl.when(pl.col("middle_name") == "").then(pl.lit("")).otherwise(
        pl.concat_str(pl.lit(" "), pl.col("middle_name").str.slice(0, 1))
    )  # fmt: skip
    quoted = pl.when(pl.col("odd") > 0.995).then(pl.concat_str(pl.lit('"'), "first_name", pl.lit('"')))
    gifts = people.with_columns(
        number=pl.int_range(0, count, dtype=pl.Int64), cents=cents, way=way, committee=committee, conduit=conduit,
        day=day, odd=odd, date=written,
    ).with_columns(
        name=pl.concat_str("last_name", pl.lit(", "), quoted.otherwise("first_name"), middle).str.to_uppercase(),
        date=impossible.otherwise("date"), zip=pl.col("zip5"), election=pl.lit("G2026"), entity=pl.lit("IND"),
        memo=pl.lit(""), memo_text=pl.lit(""), other=pl.lit(""), type=pl.lit("15"),
    )  # fmt: skip
    through = pl.col("way") == 1
    large = pl.col("cents") > 20_000
    own = gifts.filter(~through)
    at_recipient = gifts.filter(through & large).with_columns(
        type=pl.lit("15E"), other="conduit", memo_text=pl.lit("* EARMARKED CONTRIBUTION: SEE BELOW")
    )
    at_conduit = gifts.filter(through).with_columns(
        type=pl.lit("24T"), other="committee", committee="conduit", memo_text=pl.lit("EARMARKED FOR THE COMMITTEE")
    )
    memos = at_recipient.filter(pl.col("number") % 5 == 0).with_columns(
        name=pl.lit("EXAMPLE CONDUIT"), entity=pl.lit("PAC"), memo=pl.lit("X"), type=pl.lit("15"),
        memo_text=pl.lit("TOTAL EARMARKED THROUGH CONDUIT"),
    )  # fmt: skip
    back = own.filter(pl.col("number") % 40 == 0).with_columns(type=pl.lit("22Y"))
    chargeback = own.filter(pl.col("number") % 40 == 1).with_columns(cents=-pl.col("cents"))
    parts = [own, at_recipient, at_conduit, memos, back, chargeback]
    return _numbered(pl.concat(parts), 4_000_000_000_000_000_000)


def _between(plan: SamplePlan, today: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Transactions of committees: a gift filed by both sides, a transfer, a loan, a refund, spending by others."""
    # Committee, type, entity, other side, candidate, cents, memo, days ago.
    kinds = (
        (OWN, "18K", "PAC", PAC, "", 500_000, "", 90), (PAC, "24K", "CCM", OWN, CANDIDATES[0][0], 500_000, "", 90),
        (RIVAL, "18K", "PAC", PAC, "", 250_000, "", 80), (PAC, "24K", "CCM", RIVAL, CANDIDATES[1][0], 250_000, "", 80),
        (RIVAL, "18G", "CCM", "C99900009", "", 4_000_000, "", 70), (RIVAL, "18J", "CCM", PAC, "", 90_000, "X", 70),
        (PAC, "24Z", "CCM", OWN, CANDIDATES[0][0], 120_000, "X", 65),
        (RIVAL, "16C", "IND", "", "", 10_000_000, "", 60), (OWN, "22Z", "PAC", PAC, "", 50_000, "", 50),
        (SUPER_PAC, "24A", "ORG", "", CANDIDATES[0][0], 75_000_000, "", 40),
        (SUPER_PAC, "24E", "ORG", "", CANDIDATES[1][0], 62_000_000, "", 35),
    )  # fmt: skip
    names = ("committee", "type", "entity", "other", "candidate", "cents", "memo", "ago")
    frame = pl.DataFrame(dict(zip(names, zip(*kinds, strict=True), strict=True))).with_columns(
        day=(pl.lit(today) - pl.col("ago")).cast(pl.Int64), name=pl.lit("EXAMPLE OTHER SIDE"), city=pl.lit("RALEIGH"),
        state=pl.lit("NC"), zip=pl.lit("27601"), employer=pl.lit(""), occupation=pl.lit(""), election=pl.lit("G2026"),
        memo_text=pl.lit(""),
    ).with_columns(date=giving.on("day", "%m%d%Y"))  # fmt: skip
    rows = _numbered(frame, 4_100_000_000_000_000_000)
    return rows.filter(~pl.col("type").is_in(["24A", "24E"])), rows.filter(pl.col("candidate") != "")


def _numbered(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    return frame.with_row_index("row").with_columns(
        amendment=pl.lit("N"), report=pl.lit("Q2"), image=pl.lit("202607159000000001"),
        amount=pl.when(pl.col("cents") % 100 == 0).then((pl.col("cents") // 100).cast(pl.String)).otherwise(
            giving.dollars()
        ),
        transaction=pl.concat_str(pl.lit("SA11."), pl.col("row").cast(pl.String)), file=pl.lit("1900001"),
        sub=(first + pl.col("row").cast(pl.Int64)).cast(pl.String),
    )  # fmt: skip


def _file(rows: pl.DataFrame, columns: tuple[str, ...]) -> bytes:
    """Pipes between the fields and no quotes; a letter that latin-1 lacks is written as a question mark."""
    text = rows.select(pl.concat_str([pl.col(c).fill_null("") for c in columns], separator="|"))
    return ("\n".join(text.to_series()) + "\n").encode("latin-1", errors="replace")


def _lists(plan: SamplePlan) -> dict[str, str]:
    """cm, cn and ccl as text."""
    rng = stream(plan.seed, "fec", "candidates")
    last, first = rng.permutation(len(CANDIDATE_LAST)), rng.permutation(len(CANDIDATE_FIRST))
    street = "1 EXAMPLE PLAZA||RALEIGH|NC|27601"
    cm = [
        f"{id_}|{name}|TREASURER, EXAMPLE|{street}|{designation}|{kind}|{party}|Q|||{candidate}\n"
        for id_, name, designation, kind, party, candidate in COMMITTEES
    ]
    names = [f"{CANDIDATE_LAST[int(a)]}, {CANDIDATE_FIRST[int(b)]}".upper() for a, b in zip(last, first, strict=False)]
    cn = [
        f"{id_}|{names[i]}|{party}|2026|NC|S|00|O|C|{committee}|{street}\n"
        for i, (id_, party, committee) in enumerate(CANDIDATES)
    ]
    ccl = [
        f"{candidate}|2026|2026|{committee}|S|P|{990_001 + i}\n"
        for i, (candidate, _, committee) in enumerate(CANDIDATES)
    ]
    return {"cm": "".join(cm), "cn": "".join(cn), "ccl": "".join(ccl)}
