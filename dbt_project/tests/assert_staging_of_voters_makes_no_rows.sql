-- Staging reads each delivered row once. A code list with a key twice, or a join on less than a key, makes rows: votes
-- and voters that nobody delivered. These models have no key of their own that could show it.
{%- set delivered = {
    'stg_fl__voters': ['fl_voters'],
    'stg_nc__voters': ['nc_voters'],
    'stg_oh__voters': ['oh_voters'],
    'stg_pa__voters': ['pa_voters'],
    'stg_va__voters': ['va_voters'],
    'stg_fl__history': ['fl_history'],
    'stg_nc__history': ['nc_history'],
    'stg_oh__history': ['oh_history'],
    'stg_pa__history': ['pa_vote_slots'],
    'stg_va__history': ['va_history'],
    'stg_results__medsl': ['medsl_precinct'],
    'stg_results__nc_sbe': ['nc_results'],
    'stg_results__oh_sos': ['oh_results'],
    'stg_results__openelections_county': ['openelections_county'],
    'stg_results__openelections_precinct': ['openelections_precinct'],
    'stg_results__va_elect': ['va_results'],
} %}
{{ more_rows_than_delivered(delivered) }}
