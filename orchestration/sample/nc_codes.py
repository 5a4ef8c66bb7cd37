"""Columns and code lists of North Carolina's voter file and history, as their layouts print them."""

from __future__ import annotations

from .data import columns

VOTER_COLUMNS = columns("""
county_id county_desc voter_reg_num ncid last_name first_name middle_name name_suffix_lbl status_cd
voter_status_desc reason_cd voter_status_reason_desc res_street_address res_city_desc state_cd zip_code mail_addr1
mail_addr2 mail_addr3 mail_addr4 mail_city mail_state mail_zipcode full_phone_number confidential_ind registr_dt
race_code ethnic_code party_cd gender_code birth_year age_at_year_end birth_state drivers_lic ssn no_dl_ssn_chkbx
hava_id_req precinct_abbrv precinct_desc municipality_abbrv municipality_desc ward_abbrv ward_desc cong_dist_abbrv
super_court_abbrv judic_dist_abbrv nc_senate_abbrv nc_house_abbrv county_commiss_abbrv county_commiss_desc
township_abbrv township_desc school_dist_abbrv school_dist_desc fire_dist_abbrv fire_dist_desc water_dist_abbrv
water_dist_desc sewer_dist_abbrv sewer_dist_desc sanit_dist_abbrv sanit_dist_desc rescue_dist_abbrv rescue_dist_desc
munic_dist_abbrv munic_dist_desc dist_1_abbrv dist_1_desc vtd_abbrv vtd_desc
""")
HISTORY_COLUMNS = columns("""
county_id county_desc voter_reg_num election_lbl election_desc voting_method voted_party_cd voted_party_desc
pct_label pct_description ncid voted_county_id voted_county_desc vtd_label vtd_description
""")
# status: code and text, then reasons with their weight out of ten
STATUS = (
    ("A", "ACTIVE", (("AV", "VERIFIED"),) * 8 + (("AN", "UNVERIFIED NEW"), ("AL", "LEGACY DATA"))),
    (
        "I",
        "INACTIVE",
        (("IN", "CONFIRMATION NOT RETURNED"),) * 7 + (("IU", "CONFIRMATION RETURNED UNDELIVERABLE"),) * 3,
    ),
    (
        "R",
        "REMOVED",
        (("RD", "DECEASED"),) * 3
        + (("RM", "REMOVED AFTER 2 FED GENERAL ELECTIONS IN INACTIVE STATUS"),) * 3
        + (("RS", "MOVED FROM STATE"),) * 2
        + (("RQ", "REQUEST FROM VOTER"), ("RF", "FELONY CONVICTION")),
    ),
    ("D", "DENIED", (("DU", "VERIFICATION RETURNED UNDELIVERABLE"),) * 10),
    ("S", "TEMPORARY", (("SM", "MILITARY"),) * 6 + (("SO", "OVERSEAS"),) * 4),
)
RACES = (("W", "NL"), ("B", "NL"), ("O", "HL"), ("A", "NL"), ("M", "NL"), ("U", "UN"), ("W", "HL"), ("W", "UN"))
PARTIES = (
    ("DEM", "DEMOCRATIC"),
    ("REP", "REPUBLICAN"),
    ("UNA", "UNAFFILIATED"),
    ("LIB", "LIBERTARIAN"),
    ("GRE", "GREEN"),
)
METHODS_OLD = ("", "IN-PERSON", "ABSENTEE ONESTOP", "ABSENTEE BY MAIL", "PROVISIONAL", "CURBSIDE", "ABSENTEE CURBSIDE")
METHODS_NEW = (
    "",
    "ELECTION DAY IN-PERSON",
    "EARLY VOTING IN-PERSON",
    "ABSENTEE BY MAIL",
    "PROVISIONAL",
    "ELECTION DAY CURBSIDE",
    "EARLY VOTING CURBSIDE",
)
DID_NOT_VOTE, TRANSFER = 7, 8
CUMBERLAND = 25
MASK = "##/##/####"
HISTORY_YEARS = 10
