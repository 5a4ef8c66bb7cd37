select
    county_fips,
    state,
    cast(sum(eligible) as integer) as eligible,
    max(as_of_year) as as_of_year
from {{ ref('stg_census__cvap') }}
group by county_fips, state
