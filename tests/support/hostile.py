"""Things people send that are not what anybody expects: the same for the same seed."""

import json
from random import Random

SPICES = (
    "",
    "hello",
    "いいですね",
    "👩‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "👍🏽" * 20,
    "☝\ufe0f\u20e3",
    "\u202eoverride\u202c",
    "\u2066isolate",
    "مرحبا بالعالم",
    "שלום עולם",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u061c\u200e\u200f",
    "𠮷野家",
    "\U0010ffff\ufdd0\ufffe",
    "\U000e0001\U000e0041",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script><svg/onload=alert(1)>",
    "'; drop table lines; --",
    "\\'; select pg_sleep(9); --",
    "%s %(id)s {0} ${jndi:x}",
    "\x00\x01\x07\x08\x1b[31m\x7f\x85\x9f",
    "\r\n\r\ndata: []\n\n",
    "\nid: zzzzzzzz-99999\nevent: reset\ndata: {}\n\n",
    "\u2028\u2029\v\f\x1c\x1d\x1e",
    "Z" + "\u0300\u0316\u0334\u0489" * 40,
    "\u1100\u1161\u11a8" * 10,
    "ﷺ" * 30,
    "\u0378\u0530\U0003fffd",
    "\ud800",
    "\udfff\ud83d",
    "ａｂｃ　１２３",
    "ﾊﾝｶｸ ﾊﾞｶ",
    "İıſẞ",
    "\ufff9ruby\ufffa\ufffb",
    "あ" * 199,
    "x" * 201,
    "y" * 5000,
    "http://evil.example/%00?<b>",
    '"}], "x": [{"',
    "\\u0000\\ud800",
    "null",
    "まけて",
    "?",
)
PLANES = ((0x20, 0x7F), (0x0, 0x300), (0x300, 0x370), (0x590, 0x800), (0x2000, 0x2100), (0xD7A4, 0xE010), (0, 0x110000))
BROKEN = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b'{"text": 5}',
    b'{"text": null}',
    b'{"text": ["a"]}',
    b'{"txet": "a"}',
    b'{"text": "a",}',
    b'{"text": "a"} trailing',
    b'{"text": "\xff\xfe"}',
    b'{"text": "\xed\xa0\x80"}',
    b'{"text": "\\ud800"}',
    b'{"text": "\\udc00\\ud800"}',
    b'{"text": "\\u00"}',
    b'{"text": "raw \n newline"}',
    b'{"text": "a", "question": "yes"}',
    b'{"text": "a", "listing_id": "\\u0000"}',
    b'{"text": "a", "listing_id": 12}',
    b'{"text": NaN}',
    b'{"text": 1e999}',
    b"[" * 4000,
    b'{"text": ' * 2000,
    b'\xef\xbb\xbf{"text": "a"}',
    '{"text": "a"}'.encode("utf-16"),
    b"text=a",
    b"\x00",
)


def text(chance: Random) -> str:
    """Something to say; lone surrogates, controls and whole planes included."""
    parts = []
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        if chance.random() < 0.6:
            parts.append(chance.choice(SPICES))
        else:
            low, high = chance.choice(PLANES)
            parts.append("".join(map(chr, chance.choices(range(low, high), k=chance.randrange(1, 24)))))
    return chance.choice(("", " ", "\u200d")).join(parts)


def body(chance: Random) -> bytes:
    """A body that may be a message, or nearly."""
    if chance.random() < 0.1:
        return chance.choice(BROKEN)
    message: dict[str, object] = {"text": text(chance)}
    if chance.random() < 0.05:
        message["question"] = chance.random() < 0.5
    if chance.random() < 0.05:
        message["listing_id"] = chance.choice((None, text(chance)))
    plain = json.dumps(message, ensure_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        cut = chance.randrange(len(plain))
        plain = plain[:cut] + chance.choice((b"", b"\xff", b'"', b"\\", b"\x00")) + plain[cut + chance.randrange(2) :]
    return plain
