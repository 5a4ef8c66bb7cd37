-- Records that share a key are one donor: were a chain of keys longer than the rounds that follow it, one person would
-- have the room of two under the limit.
with keys as (
    {%- for key in ['gift_key', 'email_key', 'phone_key', 'home_key'] %}
    select
        cast('{{ key }}' as varchar) as kind_of_key,
        {{ key }} as key_text,
        person_id
    from {{ ref('int_donors__links') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    kind_of_key,
    count(distinct person_id) as people
from keys
group by kind_of_key, key_text
having count(distinct person_id) > 1
