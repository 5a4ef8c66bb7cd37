-- Judges, police and victims of violence have their records guarded by law. A telephone number or address of
-- theirs in a walk list endangers people, and ends the campaign's access to the file.
select voter_id
from {{ ref('int_voters__people') }}
where
    is_protected
    and coalesce(residence_address, residence_zip, mailing_address, mailing_zip, phone, email) is not null
