"""A small build warehouse: the tables that a candidate's profile is counted from, with made-up rows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb

DAY = date(2026, 9, 1)
VOTERS = 4_000
_TABLES = f"""
create schema intermediate; create schema accepted; create schema config; create schema seeds;
create table seeds.counties as select * from (values ('NC', '37001', 'Alamance County'),
    ('NC', '37003', 'Alexander County'), ('VA', '51001', 'Accomack County')) as t (state, county_fips, county_name);
create table intermediate.int_voters__current as
select state || '-P' || n as voter_id, state, county_fips,
    case when n % 10 = 0 then 'inactive' else 'active' end as status,
    case when state = 'VA' then 'N' else ['D', 'N', 'R'][n % 3 + 1] end as party_code,
    county_fips || '-' || n % 7 as precinct_id,
    nullif(county_fips || '-' || n % 3, county_fips || '-0') as municipality_id,
    state || '-0' || n % 2 as congressional_district_id, state || '-1' || n % 4 as state_senate_district_id,
    case when n % 50 > 0 then state || '-2' || n % 5 end as state_house_district_id,
    (1930 + n % 70)::integer as birth_year, date '2000-01-01' + (n % 9000)::integer as registration_date
from (
    select n, case when n % 4 = 0 then 'VA' else 'NC' end as state,
        case when n % 4 = 0 then '51001' when n % 4 = 1 then '37003' else '37001' end as county_fips
    from range(1, {VOTERS + 1}) as t (n)
);
create table intermediate.int_scores__voters as
select voter_id, state, county_fips, 0.5::decimal(9, 6) as p_turnout, 0.5::decimal(9, 6) as p_support
from intermediate.int_voters__current;
create table intermediate.int_voters__features as
select voter_id, state, county_fips, case when birth_year % 4 = 0 then '00..' else '01..' end as coming_general_pattern,
    birth_year % 2 = 0 as voted_in_support
from intermediate.int_voters__current;
create table intermediate.int_universes__people as
select voter_id, state, county_fips, 'h' || voter_id as household_id from intermediate.int_voters__current
union all select null, 'NC', '37001', null;
create table intermediate.int_votes__elections as
select voter_id, state, day as election_date, 'general' as election_type
from intermediate.int_voters__current, (select unnest([date '2022-11-08', date '2024-11-05']) as day)
where birth_year % 4 > 0;
create table intermediate.int_results__certified as
select date '2024-11-05' as election_date, 'NC' as state, 'nc_results' as source, 50 as votes from range(300);
create table intermediate.int_contact__points as
select 'mail' as channel, 'voter_file' as origin from range(3000) union all select 'sms', 'van' from range(800);
create table intermediate.int_donors__gifts as
select 'actblue' as source, (n % 200)::varchar as person_id from range(900) as t (n);
create table intermediate.int_texting__conversations as select 'spoke' as vendor from range(700);
create table intermediate.int_ads__daily as
select 'meta' as platform, 'dma' as area_type from range(500) union all select 'google', 'named_state' from range(400);
create table intermediate.int_contact__opt_outs as select 'sms' as channel from range(60);
create table accepted.opt_outs as select 'spoke' as source, 'sms' as channel, 'c' || (i % 70) as contact
    from range(140) r(i); -- each told twice
"""
SOURCES = ("nc_voters", "va_voters", "nc_history", "nc_results", "actblue", "van", "spoke", "meta_insights",
           "google_ads")  # fmt: skip


def build(path: Path, days: int = 0, *changes: str) -> Path:
    """A build of the day ``days`` after the first; ``changes`` are run on it afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    day = DAY + timedelta(days=days)
    with duckdb.connect(str(path)) as con:
        con.execute(_TABLES)
        con.execute("create table config.campaign as select ?::date as data_as_of", [day])
        con.execute(
            "create table config.deliveries_in_use (source varchar, snapshot_date date, delivery_id varchar,"
            " fresh_within_days integer)"
        )
        rows = ", ".join(f"('{s}', date '{day}', '{s}/{day}', {10 if 'results' not in s else 'null'})" for s in SOURCES)
        con.execute(f"insert into config.deliveries_in_use values {rows}")
        # Some people register anew every day: a file of another day is never the same.
        con.execute(
            "update intermediate.int_voters__current set registration_date = ? where hash(voter_id) % 100 = 0", [day]
        )
        for change in changes:
            con.execute(change)
    return path
