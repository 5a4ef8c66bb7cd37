-- No number of the texting universe ever opted out of texts, or of everything, at any vendor.
select universe.person_id
from {{ ref('sms_universe') }} as universe
inner join {{ ref('int_contact__opt_outs') }} as opt_outs
    on universe.phone = opt_outs.contact and opt_outs.channel in ('sms', 'all')
