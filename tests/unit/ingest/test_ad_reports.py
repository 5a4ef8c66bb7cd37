"""Files of ad platforms: reports saved by hand, amounts in every currency, buckets and dates in names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ingest_support import quick_gate, ticking

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Table
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.header import fields_of
from orchestration.ingest.recognise import recognise
from orchestration.ingest.records import read_records
from orchestration.ingest.rows import ReadRows
from orchestration.ingest.run import ingest_source, open_accepted

DAY = date(2026, 9, 1)
CONTRACTS = load_contracts()
REPORT = CONTRACTS["google_ads"].table("google_ads_report")
TITLES = 'Ad report\n"August 1, 2026 - August 31, 2026"\n'
HEADER = ["Day", "Customer ID", "Currency code", "Campaign ID", "Campaign", "Ad group ID", "Ad group", "Ad ID",
          "Impr.", "Clicks", "Cost", "Conversions", "Search impr. share"]  # fmt: skip
ROW = ["2026-08-31", "919-555-0177", "USD", "7", "WN | x", "8", " --", "9", "1,234", "12", "1,234.50", "3.00", "< 10%"]
TOTAL = ["Total: Account", *["--"] * 7, "1,234", "12", "1,234.50", "3.00", "--"]


def csv(*rows: list[str]) -> str:
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows)


def read(tmp_path: Path, data: bytes, table: Table = REPORT, name: str = "Ad report.csv") -> ReadRows:
    path = tmp_path / "member"
    path.write_bytes(data)
    return read_records(path, table, name, DAY)


def test_a_report_saved_as_csv_gives_its_rows_without_titles_and_totals(tmp_path: Path) -> None:
    found = read(tmp_path, (TITLES + csv(HEADER, ROW, TOTAL)).encode())
    (row,) = found.rows.to_dicts()
    assert (row["impressions"], row["cost"], row["ad_group_name"]) == ("1234", "1234.50", None)
    assert (row["search_impression_share"], row["line_number"]) == ("< 10%", 4)
    assert (found.lines, found.structural, found.accepted) == (5, 4, 1)


def test_the_same_report_saved_for_excel_gives_the_same_rows(tmp_path: Path) -> None:
    text = "Ad report\nAugust 1, 2026 - August 31, 2026\n" + "".join(
        "\t".join(r) + "\r\n" for r in (HEADER, ROW, TOTAL)
    )
    excel = read(tmp_path, b"\xff\xfe" + text.replace("\r", "").encode("utf-16-le"))
    windows = read(tmp_path, b"\xff\xfe" + text.replace("2026\n", "2026\r\n").encode("utf-16-le"))
    plain = read(tmp_path, (TITLES + csv(HEADER, ROW, TOTAL)).encode())
    assert excel.rows.equals(plain.rows)
    assert windows.rows.equals(plain.rows)


def test_a_malformed_line_below_the_titles_is_set_aside_under_its_own_number(tmp_path: Path) -> None:
    found = read(tmp_path, (TITLES + csv(HEADER, ROW, ROW[:5], TOTAL)).encode())
    assert found.quarantined["line_number"].to_list() == [5]
    assert found.rows["line_number"].to_list() == [4]


def test_a_report_without_its_titles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, csv(HEADER, ROW, TOTAL).encode())
    assert caught.value.reason_code == "not_this_file"
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, b"Ad report\n")
    assert caught.value.reason_code == "no_header"


def test_a_report_that_lacks_the_ids_is_refused_by_the_names_of_the_columns_to_add(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        read(tmp_path, (TITLES + csv([h for h in HEADER if h != "Ad ID"], ROW[:7] + ROW[8:])).encode())
    assert caught.value.reason_code == "missing_column"
    assert "Ad ID" in str(caught.value)


def test_a_report_without_a_folder_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "Ad report 2026-09-01.csv"
    path.write_text(TITLES + csv(HEADER, ROW, TOTAL), encoding="utf-8")
    assert [g.source for g in recognise(path, CONTRACTS)] == ["google_ads"]
    path.write_bytes(
        b"\xff\xfe" + ("Ad report\nAugust\n" + "\t".join(HEADER) + "\n" + "\t".join(ROW) + "\n").encode("utf-16-le")
    )
    assert [g.source for g in recognise(path, CONTRACTS)] == ["google_ads"]


WEEKLY = CONTRACTS["google_political_ads"].table("google_political_weekly_spend")


def test_a_currency_never_seen_before_is_left_unread_and_dollars_are_required(tmp_path: Path) -> None:
    path = tmp_path / "weekly.csv"
    path.write_text("Advertiser_ID,Advertiser_Name,Week_Start_Date,Spend_USD,Spend_EUR,Spend_XTS\n", encoding="utf-8")
    fields = [f.name for f in fields_of(path, WEEKLY, "weekly.csv", DAY)]
    assert fields == ["advertiser_id", "advertiser_name", "week_start_date", "spend_usd", "unread Spend_EUR",
                      "unread Spend_XTS"]  # fmt: skip
    path.write_text("Advertiser_ID,Advertiser_Name,Week_Start_Date,Spend_EUR\n", encoding="utf-8")
    with pytest.raises(DeliveryRefused, match="Spend_USD"):
        fields_of(path, WEEKLY, "weekly.csv", DAY)
    path.write_text("Advertiser_ID,Advertiser_Name,Week_Start_Date,Spend_USD,Spend_Total\n", encoding="utf-8")
    with pytest.raises(DeliveryRefused, match="Spend_Total"):
        fields_of(path, WEEKLY, "weekly.csv", DAY)


LIBRARY = CONTRACTS["meta_ad_library"].table("meta_library_advertisers")
LIBRARY_NAME = "FacebookAdLibraryReport_2026-08-29_US_last_7_days_advertisers.csv"


@pytest.mark.parametrize(
    "header",
    [
        "Page ID,Page name,Disclaimer,Amount spent (USD),Number of ads in Library",
        "Page ID,Page Name,Disclaimer,Amount Spent (USD),Number of Ads in Library",
    ],
)
def test_the_library_is_read_whatever_the_capitals_of_its_header(tmp_path: Path, header: str) -> None:
    data = ("\ufeff" + header + '\n1,"A, B",,\u2264100,2\n').encode()
    (row,) = read(tmp_path, data, LIBRARY, LIBRARY_NAME).rows.to_dicts()
    assert (row["page_id"], row["disclaimer"], row["amount_spent"]) == ("1", None, "\u2264100")
    assert (row["report_date"], row["report_window"]) == ("2026-08-29", "last_7_days")


def test_amounts_in_another_currency_are_refused(tmp_path: Path) -> None:
    header = "Page ID,Page name,Disclaimer,Amount spent (EUR),Number of ads in Library\n1,A,,5,1\n"
    with pytest.raises(DeliveryRefused, match=r"(?i)amount spent \(eur\)"):
        read(tmp_path, header.encode(), LIBRARY, LIBRARY_NAME)


def test_figures_of_another_currency_or_of_days_to_come_refuse_the_export(tmp_path: Path) -> None:
    header = ("date_start,date_stop,account_id,account_currency,campaign_id,campaign_name,adset_id,adset_name,ad_id,"
              "ad_name,impressions,clicks,spend,actions\n")  # fmt: skip
    folder = tmp_path / "landing" / "meta_insights" / "2026-09-01"
    folder.mkdir(parents=True)
    for name, row in {
        "currency": "2026-08-31,2026-08-31,1,EUR,2,C,3,G,4,A,10,1,1.00,\n",
        "future": "2026-09-05,2026-09-05,1,USD,2,C,3,G,4,A,10,1,1.00,\n",
        "several days": "2026-08-25,2026-08-31,1,USD,2,C,3,G,4,A,10,1,1.00,\n",
    }.items():
        (folder / "meta_insights_2026-09-01.csv").write_text(header + row, encoding="utf-8")
        (outcome,) = ingest_source(tmp_path, CONTRACTS["meta_insights"], gate=quick_gate, clock=ticking())
        assert outcome.status == "refused", name
        assert sum(str(c.status) == "fail" for c in outcome.checks) == 1, name


def test_a_day_may_bring_the_export_alone_or_the_report_alone(tmp_path: Path) -> None:
    import duckdb

    folder = tmp_path / "landing" / "google_ads" / "2026-09-01"
    folder.mkdir(parents=True)
    (folder / "Ad report.csv").write_text(TITLES + csv(HEADER, ROW, TOTAL), encoding="utf-8")
    (outcome,) = ingest_source(tmp_path, CONTRACTS["google_ads"], gate=quick_gate, clock=ticking())
    assert (outcome.status, outcome.lines, outcome.accepted) == ("accepted", 1, 1)
    with duckdb.connect() as con:
        open_accepted(con, tmp_path, {"google_ads": CONTRACTS["google_ads"]})
        assert con.execute("select count(*) from accepted.google_ads_report").fetchone() == (1,)
        assert con.execute("select count(*) from accepted.google_ads_stats").fetchone() == (0,)
