{{ config(materialized='view') }}
-- What was known of everybody registered at the training election, before it, and whether they voted then.
{{ turnout_bins('training') }}
