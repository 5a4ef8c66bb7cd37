-- One row per unit, past election, measure, what was given, and method.
select
    results.unit,
    results.year,
    results.measure,
    results.given,
    results.method,
    results.wmae,
    results.mae,
    results.rmse,
    results.bias,
    results.coverage80,
    results.counties as units,
    results.model_version,
    campaign.data_as_of,
    campaign.release_id
from {{ source('models', 'backtest_results') }} as results
cross join {{ source('config', 'campaign') }} as campaign
