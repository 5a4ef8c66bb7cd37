{{ config(materialized='view') }}
-- What is known of everybody registered now, before the coming election.
{{ turnout_bins('coming') }}
