-- One row per mark on a person, such as volunteer prospect.
with

marks as (
    select newest.*
    from
        {{ newest_by_key(source('accepted', 'van_activist_codes'), ['statecode', 'side', 'contactsactivistcodeid']) }}
            as newest
)

select
    statecode || '-' || side || '-' || contactsactivistcodeid as mark_id,
    {{ van_record_id('statecode', 'side', 'vanid') }} as record_id,
    statecode as state,
    activistcodeid as activist_code,
    activistcodename as activist_code_name,
    {{ van_utc('datecreated') }} as marked_at
from marks
