"""One answer per record: which voter it is, which person it is, or that somebody should look.

Belongs here: putting links by key, links by probability and duplicates together so that a record has one person, a
person at most one voter, and one source never holds two people under one voter. Reads `records`, `voters`,
`key_candidates`, `key_links`, `duplicates` and `judged`; nothing of names or weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# From here on a probable link stands; between the two somebody should look at it.
ACCEPTED, REVIEWED = 0.9, 0.4
# What a link costs in probability by resting on another record of the same person.
BY_ANOTHER = 0.999


def resolve(con: duckdb.DuckDBPyConnection) -> None:
    """Write `links`: one row per record, with the columns of `models.identity_links`."""
    _cluster(con)
    _first_links(con)
    _shared_links(con)
    _one_to_one(con)
    _people(con)


def _cluster(con: duckdb.DuckDBPyConnection) -> None:
    """Write `clusters` (record_id, cluster): records tied by duplicates, however many steps apart."""
    import numpy as np
    import pandas as pd
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    con.execute(
        """create table numbered as
        select record_id, row_number() over (order by record_id) - 1 as number from records"""
    )
    edges = con.execute(
        """select l.number as a, r.number as b from (select distinct left_id, right_id from duplicates) as d
        inner join numbered as l on d.left_id = l.record_id inner join numbered as r on d.right_id = r.record_id
        order by a, b"""
    ).fetchnumpy()
    count = int(con.execute("select count(*) from numbered").fetchall()[0][0])
    graph = coo_array((np.ones(len(edges["a"]), dtype=np.int8), (edges["a"], edges["b"])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1] if count else np.zeros(0, dtype=np.int32)
    con.register("cluster_labels", pd.DataFrame({"number": np.arange(count), "cluster": labels}))
    con.execute("create table clusters as select record_id, cluster from numbered join cluster_labels using (number)")
    con.unregister("cluster_labels")


def _first_links(con: duckdb.DuckDBPyConnection) -> None:
    """Write `first_links` (record_id, cluster, source, voter_id, match_kind, p): key first, then probability."""
    con.execute(
        f"""create table first_links as
        with found as (
            from key_links
            union all
            select record_id, voter_id, 'probabilistic', p from judged where place = 1 and p >= {ACCEPTED}
        )
        select f.record_id, c.cluster, r.source, f.voter_id, f.match_kind, f.p
        from found as f inner join clusters as c using (record_id) inner join records as r using (record_id)"""
    )


def _shared_links(con: duckdb.DuckDBPyConnection) -> None:
    """Write `all_links`: first links, and what the other records of a cluster take from them.

    A cluster whose links disagree passes nothing on; nor does a link to a protected voter, who is found by own id only;
    nor does a name at an address where another voter has that name too (father and son).
    """
    con.execute(
        f"""create table all_links as
        with agreed as (
            select cluster, min(voter_id) as voter_id, max(p) as p from first_links
            group by cluster having min(voter_id) = max(voter_id)
        ),
        kinds as (
            select record_id, arg_min(
                match_kind, list_position(['email', 'phone', 'name_address', 'own_id'], match_kind)
            ) as match_kind
            from (select left_id as record_id, match_kind from duplicates
                union all select right_id, match_kind from duplicates)
            group by record_id
        ),
        others as (
            select n.record_id, n.voter_id from key_candidates as n where n.match_kind = 'name_address'
        )
        from first_links
        union all
        select c.record_id, c.cluster, r.source, a.voter_id,
            case kinds.match_kind when 'own_id' then 'name_address' else kinds.match_kind end, a.p * {BY_ANOTHER}
        from clusters as c
        inner join agreed as a using (cluster)
        inner join records as r using (record_id)
        inner join kinds using (record_id)
        anti join first_links using (record_id)
        semi join (select voter_id from voters where not is_protected) as open using (voter_id)
        anti join others
            on c.record_id = others.record_id and a.voter_id <> others.voter_id and kinds.match_kind = 'name_address'"""
    )


def _one_to_one(con: duckdb.DuckDBPyConnection) -> None:
    """Write `kept_links`: of two people of one source under one voter, the one known longer.

    Who was linked yesterday is not unlinked because somebody likelier came; own ids are never taken away.
    """
    con.execute(
        """create table kept_links as
        with best as (
            select source, voter_id, cluster, max(p) as p, bool_or(match_kind = 'own_id') as is_own,
                min(coalesce(first_seen_date, date '9999-12-31')) as first_seen, min(record_id) as first_record
            from all_links inner join (select record_id, first_seen_date from records) using (record_id)
            group by source, voter_id, cluster
        ),
        chosen as (
            select source, voter_id, cluster from best
            qualify is_own or row_number() over (
                partition by source, voter_id order by is_own desc, first_seen, p desc, first_record
            ) = 1
        )
        from all_links semi join chosen using (source, voter_id, cluster)"""
    )


def _people(con: duckdb.DuckDBPyConnection) -> None:
    """Write `links`. `native_id` says what a person is named after: their voter, else the first record seen of them."""
    con.execute(
        f"""create table links as
        with candidates as (
            select record_id, voter_id, p from judged where place = 1 and p >= {REVIEWED}
            union all
            select record_id, voter_id, p from all_links anti join kept_links using (record_id)
        ),
        candidate as (
            select record_id, arg_max(voter_id, (p, voter_id)) as voter_id, max(p) as p from candidates group by all
        ),
        unlinked as (
            select r.record_id, min_by(r.record_id, (coalesce(r.first_seen_date, date '9999-12-31'), r.record_id))
                over (partition by c.cluster) as first_record
            from records as r inner join clusters as c using (record_id) anti join kept_links using (record_id)
        )
        select
            r.record_id,
            coalesce('voter:' || k.voter_id, 'record:' || u.first_record) as native_id,
            k.voter_id,
            case when k.voter_id is null then n.voter_id end as candidate_voter_id,
            case when k.voter_id is null then 'none' else k.match_kind end as match_kind,
            cast(round(coalesce(k.p, n.p, 0), 6) as decimal(9, 6)) as match_probability,
            k.voter_id is null and n.voter_id is not null as needs_review
        from records as r
        left join kept_links as k using (record_id)
        left join unlinked as u using (record_id)
        left join candidate as n using (record_id)
        order by r.record_id"""
    )
