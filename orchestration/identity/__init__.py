"""Who is who: records of people in the campaign's feeds, linked to voters and to each other.

Deterministic keys first (the feed's own voter id, e-mail, phone, name at an address), then Splink for what is left,
then one answer per record. `link.link_people` is the way in. Works on two tables of the build database
(`int_identity__records`, `int_identity__voters`) and on nothing else; cleaning of text belongs to dbt.
"""
