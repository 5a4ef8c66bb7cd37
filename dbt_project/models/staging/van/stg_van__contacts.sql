-- One row per attempt to contact somebody, as the newest export that mentions it has it.
with

attempts as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_contacts'), ['statecode', 'side', 'contactscontactid']) }} as newest
),

results as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_results'), ['statecode', 'resultid']) }} as newest
),

contact_types as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_contact_types'), ['statecode', 'contacttypeid']) }} as newest
),

phones as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_phones'), ['statecode', 'side', 'contactsphoneid']) }} as newest
)

select
    attempts.statecode || '-' || attempts.side || '-' || attempts.contactscontactid as contact_id,
    {{ van_record_id('attempts.statecode', 'attempts.side', 'attempts.vanid') }} as record_id,
    attempts.statecode as state,
    {{ van_channel("coalesce(contact_types.contacttypename, '')") }} as channel,
    {{ van_utc('attempts.datecanvassed') }} as attempted_at,
    cast({{ as_time('attempts.datecanvassed') }} as date) as attempt_date,
    coalesce(meanings.outcome, 'other') as outcome,
    coalesce(meanings.is_contact, false) as is_contact,
    {{ phone_e164('phones.phone') }} as phone
from attempts
left join results on attempts.statecode = results.statecode and attempts.resultid = results.resultid
left join {{ ref('van_result_meanings') }} as meanings on upper(trim(results.resultshortname)) = meanings.result_name
left join contact_types
    on attempts.statecode = contact_types.statecode and attempts.contacttypeid = contact_types.contacttypeid
left join phones
    on
        attempts.statecode = phones.statecode
        and attempts.side = phones.side
        and attempts.contactsphoneid = phones.contactsphoneid
