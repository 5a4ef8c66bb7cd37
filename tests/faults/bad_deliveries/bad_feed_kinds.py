"""Donations, texting and advertising exports, spoilt in the ways of those who send them."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile

from bad_kinds import Kind, Make, changed_bytes, changed_cells, changed_lines, only
from bad_voter_kinds import accepted, refused
from bad_world import CANARY, FIRST, SECOND, THIRD, Grid, Scene

PAID, REFUNDED = "paid_contributions.csv", "refunded_contributions.csv"
ADS = "google_ads_stats_2026-09-02.csv"


def _reserved(grid: Grid) -> None:
    names = [i for i, name in enumerate(grid.rows[0]) if name == "Reserved"]
    assert len(names) == 7
    for number, at in enumerate(names):
        grid.rows[0][at] = f"Held Back {number}"


def _one_reserved_less(grid: Grid) -> None:
    at = grid.place("Reserved")
    for row in grid.rows:
        del row[at]


def _without(name: str) -> Make:
    def make(scene: Scene) -> None:
        files = scene.files()
        del files[name]
        scene.put(files)

    return make


def _open_quote(lines: list[bytes]) -> None:
    """A quotation mark that begins a value and is not closed: the lines below would be swallowed."""
    plain = (i for i in range(1, len(lines)) if not any(b'"' in line for line in lines[i : i + 3]))
    row = next(i for i in plain if CANARY.encode() in lines[i])
    lines[row] = lines[row].replace(CANARY.encode(), b'"' + CANARY.encode(), 1)


def _some_amounts(value: str, count: int) -> Make:
    def edit(grid: Grid) -> None:
        for row in range(10, 10 + count):
            grid.set(row, "Amount", value)

    return changed_cells(edit)


def _drop(name: str) -> Make:
    def edit(grid: Grid) -> None:
        at = grid.place(name)
        for row in grid.rows:
            del row[at]

    return changed_cells(edit)


def _phones(count: int | None) -> Make:
    """Phone numbers that nobody can call, in the first rows or in all of them."""

    def edit(grid: Grid) -> None:
        rows = range(1, len(grid.rows) if count is None else 1 + count)
        for row in rows:
            grid.set(row, "phone_number", f"{CANARY} ext. 5")

    return changed_cells(edit)


def _opt_out_of(phone: str) -> Make:
    def edit(grid: Grid) -> None:
        row = {"timestamp": "2026-09-01 10:00:00 UTC", "contact_id": "C1", "contact_last_name": CANARY,
               "contact_phone": phone, "conversation_id": "X1", "opt_out_type": "sms"}  # fmt: skip
        grid.rows.append([row.get(name, "") for name in grid.rows[0]])

    return changed_cells(edit)


def _restated(scene: Scene) -> None:
    """The third day's export tells the second day's figures anew, and differs."""
    scene.put(scene.files(SECOND))
    scene.take()
    files = scene.files(SECOND)
    grid = Grid.of(files[ADS], "google_ads")
    grid.fill("metrics.impressions", lambda value: str(int(value) + 7))
    scene.put({ADS.replace(SECOND, THIRD): grid.content()}, THIRD)


def _told_twice(grid: Grid) -> None:
    copy = list(grid.rows[1])
    copy[grid.place("metrics.impressions")] = "999999"
    grid.rows.append(copy)


def _of_tomorrow(grid: Grid) -> None:
    grid.fill("segments.date", lambda value: "2026-12-24" if value == "2026-08-05" else value)


def _more_clicks(grid: Grid) -> None:
    grid.fill("metrics.clicks", "99999999")


def _in_euro(grid: Grid) -> None:
    grid.fill("customer.currency_code", "EUR")


def _buckets(value: str) -> Make:
    """A bucket that the ad library never wrote, in one row of the advertisers."""

    def make(scene: Scene) -> None:
        files = scene.files(FIRST)
        name = next(n for n in files if "advertisers" in n)
        grid = Grid.of(files[name], scene.source)
        grid.quoting = csv.QUOTE_ALL
        grid.set(2, "Amount spent (USD)", value)
        scene.put(files | {name: grid.content()}, FIRST)

    return make


def _fields(change: object) -> Make:
    """The FEC's file with the fields of every line changed, packed as the Commission packs it."""

    def make(scene: Scene) -> None:
        lines = scene.files(FIRST)["itcont.txt"].splitlines(keepends=True)
        content = b"".join(change(line) for line in lines)  # type: ignore[operator]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("itcont.txt", content)
        scene.put({"indiv26.zip": buffer.getvalue()}, FIRST)

    return make


def fec(name: str, make: Make, code: str, *said: str) -> Kind:
    return Kind(name, "fec_individuals", make, "refused", code, said, day=FIRST, first=False)


DONORS = (
    refused("seven Reserved columns under other names", changed_cells(_reserved), "undeclared_column", PAID,
            "held back 0", source="actblue"),
    accepted("a Reserved column less", changed_cells(_one_reserved_less), source="actblue"),
    refused("donations without a header", changed_lines(lambda lines: lines.__delitem__(0)), "not_this_file", PAID,
            "has no header", source="actblue"),
    refused("a quotation mark that swallows the lines below", changed_lines(_open_quote), "unclosed_quote", PAID,
            "is not closed", "lines run into each other", source="actblue"),
    refused("a latin-1 letter in a UTF-8 file", changed_bytes(lambda c: c.replace(CANARY.encode(), b"N\xfa\xf1ez", 1)),
            "wrong_encoding", PAID, "line 2", "expected utf-8", source="actblue"),
    refused("donations in UTF-16", changed_bytes(lambda c: c.decode().encode("utf-16")), "wrong_encoding", PAID,
            source="actblue"),
    refused("donations in UTF-16 without a byte order mark", changed_bytes(lambda c: c.decode().encode("utf-16-le")),
            "wrong_encoding", PAID, "found utf-16", source="actblue"),
    accepted("a byte order mark in a UTF-8 file", changed_bytes(lambda c: codecs.BOM_UTF8 + c), source="actblue"),
    accepted("direction-changing and invisible characters in a value",
             changed_bytes(lambda c: c.replace(CANARY.encode(), f"\u202e{CANARY}\u200b\u2066".encode())),
             source="actblue"),
    refused("an invisible character in a header",
            changed_bytes(lambda c: c.replace(b"Receipt ID", "Receipt\u200b ID".encode(), 1)), "undeclared_column",
            r"receipt\u200b id", source="actblue"),
    refused("an amount with a currency sign", _some_amounts("$25.00", 1), "too_many_quarantined", PAID,
            "1 of 189 lines", "amount is not of the declared form", source="actblue"),
    refused("a negative amount", _some_amounts("-25.00", 1), "too_many_quarantined", PAID, "1 of 189 lines",
            "amount is not of the declared form", source="actblue"),
    refused("amounts in scientific notation", _some_amounts("1.2E+10", 50), "too_many_quarantined", PAID,
            "amount is not of the declared form", source="actblue"),
    refused("donations without the refunds", _without(REFUNDED), "missing_part", "refunded_contributions",
            "Add them to the same landing folder", source="actblue"),
    refused("donations in semicolons", changed_bytes(lambda c: c.replace(b",", b";")), "not_this_file", PAID,
            source="actblue"),
    refused("a page of the sender's server in place of donations",
            only(PAID, f"<html><head><title>{CANARY}</title></head></html>".encode()), "missing_part",
            source="actblue"),
    fec("FEC rows with a field too few", _fields(lambda line: line.replace(b"|", b"", 1)), "too_many_malformed",
        "itcont.txt", "expected 21 fields, found 20"),
    fec("FEC rows with a field too many", _fields(lambda line: b"|" + line), "too_many_malformed",
        "expected 21 fields, found 22"),
    fec("FEC rows in commas", _fields(lambda line: line.replace(b"|", b",")), "too_many_malformed",
        "expected 21 fields, found 1"),
    fec("FEC rows of spreadsheet errors", _fields(lambda line: b"#REF!" + line[9:]), "too_many_quarantined",
        "committee_id is not of the declared form"),
)  # fmt: skip

TEXTING = (
    refused("a texting export without the column of opt-outs", _drop("global_opted_out"), "missing_column",
            "leads.csv", "global_opted_out", source="hustle"),
    refused("a texting export with an unknown word for opt-outs",
            changed_cells(lambda g: g.fill("global_opted_out", "perhaps")), "gate", "global_opted_out_is_known",
            source="hustle"),
    refused("contacts without the column of opt-outs", _drop("contact[optOut]"), "missing_column",
            "campaign-101.csv", "contact[optOut]", source="spoke"),
    refused("the opt-outs left out of an export", _without("opt_outs.csv"), "missing_part", "opt_outs",
            source="thrutext"),
    accepted("a phone that nobody can call", _phones(1), source="hustle"),
    refused("phones that nobody can call", _phones(None), "gate", "phone_number_is_a_number", source="hustle"),
    refused("an opt-out without a phone", _opt_out_of(""), "gate", "contact_phone_is_there", source="thrutext"),
    refused("an opt-out of a phone that cannot be read", _opt_out_of(CANARY), "gate", "contact_phone_is_a_number",
            source="thrutext"),
    refused("the texts of one platform under another's folder",
            lambda s: s.put(s.files(source="thrutext")), "unexpected_file", "daily_messages.csv", source="hustle"),
)  # fmt: skip

ADVERTISING = (
    Kind("a restatement that disagrees with the export before", "google_ads", _restated, "accepted", day=THIRD,
         lines=1006),
    refused("one day of one ad told twice", changed_cells(_told_twice, member=ADS), "gate", "tells_each_thing_once",
            source="google_ads"),
    refused("figures of days to come", changed_cells(_of_tomorrow, member=ADS), "gate", "is_of_the_past",
            source="google_ads"),
    Kind("more clicks than impressions", "google_ads", changed_cells(_more_clicks, member=ADS), "accepted", lines=1174,
         warned=("google_ads_stats.google_ads_stats_has_no_more_clicks_than_impressions",)),
    refused("figures in another currency", changed_cells(_in_euro, member=ADS), "gate", "is_in_dollars",
            source="google_ads"),
    *(
        Kind(f"a bucket of the ad library written {value!r}", "meta_ad_library", _buckets(value), "refused",
             "too_many_quarantined", ("amount_spent is not of the declared form",), day=FIRST, first=False)
        for value in ("<100", "100-499", "≤")
    ),
    Kind("a bucket of the ad library with a blank in it", "meta_ad_library", _buckets("≤ 100"), "accepted", day=FIRST,
         first=False),
)  # fmt: skip

KINDS = (*DONORS, *TEXTING, *ADVERTISING)
