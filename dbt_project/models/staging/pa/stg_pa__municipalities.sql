-- The municipality codes of each county, spelled out.
with

zones as (
    select
        {{ county_key('county_name') }} as county_key,
        {{ to_integer('zone_number') }} as zone_number,
        upper(trim(zone_code)) as zone_code,
        trim(zone_description) as zone_description
    from {{ source('accepted', 'pa_zone_codes') }}
)

select
    zones.county_key as county_key,
    zones.zone_code as municipality_code,
    min(zones.zone_description) as municipality_name
from zones
inner join {{ ref('stg_pa__county_zones') }} as county_zones
    on zones.county_key = county_zones.county_key and zones.zone_number = county_zones.municipality_zone
group by zones.county_key, zones.zone_code
