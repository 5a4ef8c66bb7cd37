-- Results of one election arrive from several senders, in parts and in totals. Counted twice, every share
-- stays right and every total, and with it roll-off, turnout and the backtest, is wrong. Where the county table
-- of presidential votes covers the same election, the two-party totals must agree within three in a hundred.
with

chosen as (
    select
        state,
        election_date,
        sum(votes) as votes
    from {{ ref('int_results__certified') }}
    where office_code = 'us_president' and party_code in ('D', 'R') and source <> 'county_president'
    group by state, election_date
),

control as (
    select
        state,
        election_date,
        sum(votes) as votes
    from {{ ref('stg_results__county_president') }}
    where party_code in ('D', 'R')
    group by state, election_date
)

select
    chosen.state,
    chosen.election_date,
    chosen.votes as certified_votes,
    control.votes as control_votes
from chosen
inner join control on chosen.state = control.state and chosen.election_date = control.election_date
where abs(chosen.votes - control.votes) * 100 > 3 * control.votes
