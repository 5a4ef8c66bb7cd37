"""Links by key: the feed's own voter id, an e-mail or phone on the voter file, a full name at an address.

Belongs here: SQL that writes `key_links` (record to voter) and `duplicates` (record to record). A key that fits more
than one voter, or keys that point at different voters, decide nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .names import may_be_one, nickname_of_each_other, no_conflict

if TYPE_CHECKING:
    import duckdb

# What a link by key is worth; the measured precision of a fit is on its card.
WORTH = {"own_id": 1.0, "email": 0.9995, "phone": 0.999, "name_address": 0.999}
# More holders than this and an e-mail, phone or address is nobody's own (an office, a form's default).
MOST_HOLDERS = 12


def link_by_key(con: duckdb.DuckDBPyConnection) -> None:
    """Write `key_links` (record_id, voter_id, match_kind, p): at most one row per record.

    Reads `records` and `voters`. A protected voter is found by own id only.
    """
    con.execute(
        f"""create table key_candidates as
        with reachable as (select * from voters where not is_protected)
        select r.record_id, v.voter_id, 'email' as match_kind
        from records as r inner join reachable as v on r.email = v.email
        where {may_be_one("r", "v")}
        union all
        select r.record_id, v.voter_id, 'phone'
        from records as r inner join reachable as v on r.phone = v.phone
        where {may_be_one("r", "v")}
        union all
        select r.record_id, v.voter_id, 'name_address'
        from records as r inner join reachable as v
            on r.house_number = v.house_number and r.street = v.street and r.zip5 = v.zip5
            and r.last_name = v.last_name
        where (r.first_name = v.first_name or {nickname_of_each_other("r", "v")}) and {no_conflict("r", "v")}
            and coalesce(r.unit = v.unit, true)"""
    )
    worth = " ".join(f"when '{kind}' then {p}" for kind, p in WORTH.items())
    con.execute(
        f"""create table key_links as
        with own as (
            select r.record_id, r.given_voter_id as voter_id, 'own_id' as match_kind
            from records as r semi join voters as v on r.given_voter_id = v.voter_id
        ),
        agreed as (
            select record_id, min(voter_id) as voter_id,
                arg_min(match_kind, list_position(['email', 'phone', 'name_address'], match_kind)) as match_kind
            from key_candidates anti join own using (record_id)
            group by record_id
            having min(voter_id) = max(voter_id)
        ),
        found as (from own union all from agreed)
        select record_id, voter_id, match_kind, case match_kind {worth} end as p from found"""
    )


def find_duplicates(con: duckdb.DuckDBPyConnection) -> None:
    """Write `duplicates` (left_id, right_id, match_kind): pairs of records that one key says are one person.

    Within one value of a key everybody is tied to everybody whose name agrees, so a household that shares an address
    for its mail stays several people.
    """
    own = "select given_voter_id as value, *, 'own_id' as match_kind from records where given_voter_id is not null"
    pieces = [
        f"select {column} as value, *, '{column}' as match_kind from records where {column} is not null"
        for column in ("email", "phone")
    ]
    home = """select concat_ws('|', house_number, street, last_name, state) as value, *, 'name_address' as match_kind
        from records where house_number is not null and street is not null and last_name is not null"""
    con.execute(
        f"""create table duplicates as
        with keyed as ({" union all ".join([*pieces, home])}),
        sound as (
            from keyed
            qualify count(*) over (partition by match_kind, value) between 2 and {MOST_HOLDERS}
        ),
        same_id as ({own}),
        tied as (
            select a.record_id as left_id, b.record_id as right_id, a.match_kind
            from sound as a inner join sound as b
                on a.match_kind = b.match_kind and a.value = b.value and a.record_id < b.record_id
            where {may_be_one("a", "b")} and coalesce(a.given_voter_id = b.given_voter_id, true)
                and (a.match_kind <> 'name_address' or (
                    coalesce(a.unit = b.unit, true) and coalesce(a.zip5 = b.zip5, a.city = b.city, false)
                ))
            union all
            select min(record_id) over (partition by value), record_id, match_kind from same_id
        )
        from tied where left_id <> right_id"""
    )
