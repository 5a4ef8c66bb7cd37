{# When a message takes back the consent to be texted. #}

{# Whether the whole message is a revocation, whatever its case, marks, accents and politeness
   ("Please STOP!", "Don't text me", "no más"). The words are those of 47 CFR 64.1200(a)(10), the carriers'
   own, what people write, and Spanish ones. A message that says more ("stop, I voted already") is left to
   the person who reads it, who marks the opt-out in the vendor's tool. #}
{% macro is_revocation(value) -%}
    {%- set polite = 'please|pls|plz|thanks|thank you|thx|now|por favor|gracias|ya' -%}
    {#- Apostrophes join words, everything else that is no letter parts them. -#}
    {%- set joined = replace_all("lower(" ~ without_accents(visible(value)) ~ ")", '[\\x{0027}\\x{2018}\\x{2019}\\x{0060}\\x{00B4}\\x{FE0F}]', '') -%}
    {%- set words = "trim(" ~ replace_all(joined, '[^\\pL]+', ' ') ~ ")" -%}
    {%- set bare = replace_all(words, '^((' ~ polite ~ ') )+|( (' ~ polite ~ '))+$', '') -%}
    coalesce({{ replace_all(bare, '^(stop )+stop$', 'stop') }} in (
        'stop', 'stopall', 'stop all', 'stop it', 'quit', 'end', 'revoke', 'opt out', 'optout', 'opt me out', 'cancel',
        'unsubscribe', 'unsubscribe me', 'unsuscribe', 'remove', 'remove me', 'remove me from your list',
        'remove me from this list', 'take me off', 'take me off your list', 'take me off this list', 'stop texting',
        'stop texting me', 'stop messaging me', 'stop contacting me', 'stop messages', 'stop texts',
        'stop sending me texts', 'stop sending me messages', 'do not text', 'do not text me', 'dont text me',
        'do not contact me', 'dont contact me', 'no more texts', 'no more messages', 'leave me alone',
        'alto', 'parar', 'pare', 'para', 'basta', 'cancelar', 'detener', 'baja', 'borrame', 'no mas', 'no mas mensajes'
    ), false)
{%- endmacro %}
