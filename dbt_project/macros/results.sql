{# Reading offices, candidates and precincts as results files print them. #}

{# The office in a contest's title without its district: 'NC STATE SENATE DISTRICT 01' is
   'NC STATE SENATE', 'Representative to Congress - District 01' is 'REPRESENTATIVE TO CONGRESS'. The key of
   seeds/office_aliases.csv. #}
{% macro office_text(title) -%}
    trim({{ replace_all(
        replace_all("replace(upper(" ~ title ~ "), '_', ' ')", '[ -]*(DISTRICT|DIST) *[0-9]+.*$', ''),
        ' +', ' '
    ) }})
{%- endmacro %}

{# The district in a contest's title, empty where it names none. #}
{% macro district_text(title) -%}
    {{ extract_first("upper(" ~ title ~ ")", '(?:DISTRICT|DIST) *([0-9]+)') }}
{%- endmacro %}

{# District id of an office; null for a statewide one. #}
{% macro office_district(state, office_code, value) -%}
    case {{ office_code }}
        when 'us_house' then {{ normalize_district(state, 'congressional_district', value) }}
        when 'state_senate' then {{ normalize_district(state, 'state_senate_district', value) }}
        when 'state_house' then {{ normalize_district(state, 'state_house_district', value) }}
    end
{%- endmacro %}

{# A line that counts ballots but names no candidate: write-ins, over- and undervotes, totals. #}
{% macro is_no_candidate(candidate) -%}
    coalesce({{ matches(
        "upper(trim(" ~ candidate ~ "))",
        '^(WRITE|SCATTER|UNDER *-?VOTE|OVER *-?VOTE|BLANK|TOTAL|ALL OTHERS|BALLOTS|REGISTERED|CAST VOTES|CONTEST TOTAL|TIMES |NONE OF|NO VOTE|UNRESOLVED|REJECTED|VOID|MISCELLANEOUS)|[(]WI[)]|^(OTHER|OTHERS|SCATTERED)$'
    ) }}, true)
{%- endmacro %}

{# A row that stands for votes counted in no precinct: central absentee, early-voting sites and such. #}
{% macro is_no_precinct(precinct) -%}
    coalesce({{ matches(
        "upper(trim(" ~ precinct ~ "))",
        'ABSENTEE|PROVISIONAL|ONE ?-?STOP|^OS |EARLY ?-?VOT|CURBSIDE|TRANSFER|^# ?AB|^## ?PROV|UOCAVA|MAIL-?IN|FLOATER|COUNTY ?WIDE|^CENTRAL|^EV[ -]|^ABS[ -]'
    ) }}, true)
{%- endmacro %}

{# A row that repeats a county's or state's sum. #}
{% macro is_total_row(text) -%}
    coalesce({{ matches("upper(trim(" ~ text ~ "))", '^(GRAND |COUNTY )?TOTALS?( VOTES)?$') }}, false)
{%- endmacro %}
