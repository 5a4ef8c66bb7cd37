-- Most of what comes in through the own accounts is for the committees of winnumber.toml; where it is not, a committee
-- is missing there or its id is wrong, and its donors would be nobody's.
select counted.own_share
from (
    select
        count(*) as gift_count,
        avg(case when is_own then 1.0 else 0.0 end) as own_share
    from {{ ref('int_donors__gifts') }}
) as counted
where counted.gift_count > 0 and counted.own_share < 0.5
