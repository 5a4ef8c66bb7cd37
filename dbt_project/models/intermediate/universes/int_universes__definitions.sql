-- Written from universes.yaml by `python -m orchestration.contracts.derive`; do not edit.
select
    cast('gotv' as varchar) as universe_id,
    cast('Get out the vote' as varchar) as universe_name,
    cast('field' as varchar) as owner,
    cast('voter_contact' as varchar) as purpose,
    cast('gotv' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(true as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(1 as integer) as universe_order
union all
select
    cast('persuasion' as varchar) as universe_id,
    cast('Persuasion' as varchar) as universe_name,
    cast('message' as varchar) as owner,
    cast('voter_contact' as varchar) as purpose,
    cast('persuasion' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(true as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(2 as integer) as universe_order
union all
select
    cast('crossover' as varchar) as universe_id,
    cast('Crossover' as varchar) as universe_name,
    cast('message' as varchar) as owner,
    cast('voter_contact' as varchar) as purpose,
    cast('persuasion' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(false as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(false as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(true as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(3 as integer) as universe_order
union all
select
    cast('women_in_the_middle' as varchar) as universe_id,
    cast('Women in the middle' as varchar) as universe_name,
    cast('message' as varchar) as owner,
    cast('voter_contact' as varchar) as purpose,
    cast('persuasion' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(true as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(4 as integer) as universe_order
union all
select
    cast('registration' as varchar) as universe_id,
    cast('Registration' as varchar) as universe_name,
    cast('field' as varchar) as owner,
    cast('voter_contact' as varchar) as purpose,
    cast('registration' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(true as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(5 as integer) as universe_order
union all
select
    cast('volunteer_prospects' as varchar) as universe_id,
    cast('Volunteer prospects' as varchar) as universe_name,
    cast('organizing' as varchar) as owner,
    cast('volunteer_recruitment' as varchar) as purpose,
    cast('none' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(false as boolean) as allows_mail,
    cast(false as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(6 as integer) as universe_order
union all
select
    cast('donor_prospects' as varchar) as universe_id,
    cast('Donor prospects' as varchar) as universe_name,
    cast('fundraising' as varchar) as owner,
    cast('fundraising' as varchar) as purpose,
    cast('none' as varchar) as yields,
    cast('|all|' as varchar) as office_codes,
    cast(true as boolean) as allows_sms,
    cast(true as boolean) as allows_phone,
    cast(true as boolean) as allows_email,
    cast(true as boolean) as allows_mail,
    cast(false as boolean) as allows_walk,
    cast(true as boolean) as allows_digital,
    cast(7 as integer) as universe_order
