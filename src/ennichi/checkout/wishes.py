"""What a line of chat orders, if it is an order: "A12", "12 +1", "赤M 2個", "3番 2つと5番 1つ".

A pure reading of one line against the line-up. It is cautious, because units are taken out of everyone's reach: a line
is an order only when all of it reads as one, in exactly one way. What is left over, asks, or could mean another thing
makes it talk.

A thing is named by its number in the line-up (12, 12番, #12, No.12, ⑫), by a variant's keyword, or by a number with the
keyword or the name of one of its variants (12 赤, 12番の赤). The number alone names a listing only while that has a
single variant. A quantity is +2, ×2, or 2 with a counter. Without one the line has to be clear by itself: a keyword of
letters and digits (A12), or words of ordering (3番ください, #3 please).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct, structs

from ennichi.shows import LineupItem

LONGEST = 120
MOST_ITEMS = 10
MOST_UNITS = 20
"""As many of one variant as one hold takes."""
MOST_TRIES = 300
"""Things looked at in one line. What may mean more than that is not clear, and must not keep everybody else waiting."""

_CIRCLED = {chr(0x2460 + n): f" #{n + 1} " for n in range(20)}
_ALIKE = str.maketrans(
    {"‐": "-", "‑": "-", "–": "-", "−": "-", "✕": "x", "✖": "x", "╳": "x", "×": "x", "*": "x", "➕": "+"}
)
_KANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SKIPPED = " -_"
_DIGITS = "一二三四五六七八九十"
_SPOKEN = ("ひとつ", "ふたつ", "みっつ", "よっつ", "いつつ", "むっつ", "ななつ", "やっつ", "ここのつ", "とお")

_COUNTER = (
    r"(?:個|こ|ヶ|ゖ|箇|つ|点|枚|本|冊|箱|袋|着|足|台|缶|皿|杯|玉|匹|束|株|膳|組|せっと|ぱっく|pcs?|pieces?|sets?|pairs?|units?)"
    r"(?![a-z])"
)
_NUMBER = re.compile(r"(?P<mark>#|no\.?|№|なんばー)?\s*(?P<n>\d{1,3})(?!\d)(?P<ban>\s*(?:番目?|ばんめ?))?")
_AMOUNT = re.compile(
    r"\s*(?:を|は|も|,|、)?\s*(?:"
    rf"(?:\+|ぷらす|x)\s*(?P<times>\d{{1,3}})(?!\d)(?:\s*{_COUNTER})?"
    rf"|(?P<counted>\d{{1,3}})\s*{_COUNTER}"
    rf"|(?P<kanji>[{_DIGITS}])\s*{_COUNTER}"
    rf"|(?P<spoken>{'|'.join(_SPOKEN)})"
    r")(?P<each>\s*[ずづ]つ)?"
)
_OF_IT = re.compile(r"\s*の?\s*")
_AHEAD = re.compile(r"(?P<n>\d{1,2})\s*x\s*(?=[^\d\s])")
_ORDERING = re.compile(
    r"(?:ください|下さい|(?:よろしく)?お?ねがい(?:いた)?しま[ー~]*す|(?:よろしく)?お?願い(?:いた|致)?しま[ー~]*す|おねがい|お願い|かいます|買います"
    r"|購入します|購入希望|注文します|もらいます|いただきます|頂きます|取り?置き|とりおき|pls|plz|please)(?![a-z])"
)
_POLITE = re.compile(r"(?:です|希望(?:します)?|で|を|ほしいです|欲しいです|よろしく|thanks|thank you|thx|ty)(?![a-z])")
_OPENING = re.compile(
    r"(?:i'?ll take|i will take|i'?d like|i want|give me|mine|order|注文|購入|とりおき|取り?置き)(?![a-z])[\s:、,]*"
)
_BETWEEN = re.compile(r"[\s,、。.!;/・&]+(?:と|あと|それと|and\b|plus\b)?[\s,、]*|(?:と|あと|それと)[\s,、]*")
_END = re.compile(r"[\s,、。.!~〜]*")


class Wish(Struct, frozen=True):
    """So many units of a variant."""

    variant_id: str
    quantity: int


class _Item(Struct, frozen=True):
    """One thing named in a line; `clear` when it is an order without a quantity, `marked` when no bare number."""

    variant_id: str
    quantity: int | None
    clear: bool
    marked: bool
    each: bool = False


def wishes_of(text: str, lineup: Sequence[LineupItem]) -> list[Wish]:
    """What the line orders, in its order; empty when it is no order or not a clear one."""
    said = _folded(text)
    if not said or len(said) > LONGEST:
        return []
    shelf = _Shelf(lineup)
    readings = {tuple(wishes) for wishes in _readings(said, shelf) if wishes}
    return list(next(iter(readings))) if len(readings) == 1 and shelf.tries <= MOST_TRIES else []


class _Shelf:
    """The line-up by what its things are called; `tries` counts what was found on it for one line."""

    def __init__(self, lineup: Sequence[LineupItem]) -> None:
        self.tries = 0
        self.single: dict[int, str | None] = {}
        self.of_number: dict[int, dict[str, set[str]]] = {}
        self.keywords: dict[str, set[str]] = {}
        for item in lineup:
            variants = item.listing.variants
            self.single[item.number] = variants[0].id if len(variants) == 1 else None
            own = self.of_number.setdefault(item.number, {})
            for variant in variants:
                if key := _key(variant.keyword):
                    self.keywords.setdefault(key, set()).add(variant.id)
                for called in {key, _key(variant.name)} - {""}:
                    own.setdefault(called, set()).add(variant.id)


@lru_cache(maxsize=8192)
def _key(called: str) -> str:
    """A keyword or a name as it is looked for: folded, without spaces and hyphens."""
    return "".join(letter for letter in _folded(called) if letter not in _SKIPPED)


def _folded(text: str) -> str:
    """One form for what looks or sounds alike; empty when it holds numbers that folding would run together."""
    text = "".join(_CIRCLED.get(letter, letter) for letter in text)
    if any(unicodedata.category(letter) == "No" for letter in text):
        return ""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE).translate(_KANA)
    pictures = ("So", "Sk", "Mn", "Cf")
    while text and unicodedata.category(text[-1]) in pictures:
        text = text[:-1].rstrip()
    return text.strip()


def _readings(said: str, shelf: _Shelf) -> Iterator[list[Wish]]:
    """Every way in which all of the line reads as an order."""
    opening = _OPENING.match(said)
    for items, end in _items(said, opening.end() if opening else 0, shelf, MOST_ITEMS):
        at, ordered = _tail(said, end)
        if at == len(said):
            yield _settled(items, ordered=ordered or opening is not None)


def _items(said: str, at: int, shelf: _Shelf, most: int) -> Iterator[tuple[list[_Item], int]]:
    """Every row of things that begins at `at`, and where it ends."""
    for item, end in _item(said, at, shelf):
        shelf.tries += 1
        if shelf.tries > MOST_TRIES:
            return
        yield [item], end
        between = _BETWEEN.match(said, end)
        if most > 1 and between:
            for more, last in _items(said, between.end(), shelf, most - 1):
                yield [item, *more], last


def _item(said: str, at: int, shelf: _Shelf) -> Iterator[tuple[_Item, int]]:
    ahead = _AHEAD.match(said, at)
    if ahead:
        for item, end in _named(said, ahead.end(), shelf):
            if item.marked:
                yield _Item(item.variant_id, int(ahead["n"]), clear=True, marked=True), end
    for item, end in _named(said, at, shelf):
        amount = _AMOUNT.match(said, end)
        if amount:
            yield _Item(item.variant_id, _units(amount), item.clear, item.marked, bool(amount["each"])), amount.end()
        yield item, end


def _named(said: str, at: int, shelf: _Shelf) -> Iterator[tuple[_Item, int]]:
    """Everything a name that begins at `at` may mean."""
    for key, end in _keys(said, at, shelf.keywords):
        for variant_id in shelf.keywords[key]:
            code = any(letter.isdigit() for letter in key) and not key.isdigit()
            yield _Item(variant_id, None, clear=code, marked=not key.isdigit()), end
    number = _NUMBER.match(said, at)
    if number is None or int(number["n"]) not in shelf.single:
        return
    n, end = int(number["n"]), number.end()
    single = shelf.single[n]
    if single is not None:
        yield _Item(single, None, clear=False, marked=bool(number["mark"] or number["ban"])), end
    own = shelf.of_number[n]
    glue = _OF_IT.match(said, end)
    for key, last in _keys(said, glue.end() if glue else end, own):
        for variant_id in own[key]:
            yield _Item(variant_id, None, clear=False, marked=True), last


def _keys(said: str, at: int, known: dict[str, set[str]]) -> Iterator[tuple[str, int]]:
    """The known keys that the line spells from `at` on, spaces and hyphens in between aside, and where each ends."""
    longest = max(map(len, known), default=0)
    spelled = ""
    for end in range(at, len(said)):
        letter = said[end]
        if letter in _SKIPPED:
            between_digits = spelled[-1:].isdigit() and said[end + 1 : end + 2].isdigit()
            if not spelled or between_digits:
                return
            continue
        spelled += letter
        if len(spelled) > longest:
            return
        if spelled in known and not _goes_on(said, end + 1):
            yield spelled, end + 1


def _goes_on(said: str, at: int) -> bool:
    """Whether the number or the word before `at` does not end there."""
    before, after = said[at - 1], said[at : at + 1]
    if before.isdigit():
        return after.isdigit()
    latin = "a" <= before <= "z" and "a" <= after <= "z"
    return latin and not re.match(r"x\s*\d", said[at:])


def _units(amount: re.Match[str]) -> int:
    digits = amount["times"] or amount["counted"]
    if digits:
        return int(digits)
    return _DIGITS.index(amount["kanji"]) + 1 if amount["kanji"] else _SPOKEN.index(amount["spoken"]) + 1


def _tail(said: str, at: int) -> tuple[int, bool]:
    """Where the polite words after the last thing end, and whether they order."""
    ordered = False
    while True:
        if match := _END.match(said, at):
            at = match.end()
        match = _ORDERING.match(said, at)
        ordered = ordered or match is not None
        match = match or _POLITE.match(said, at)
        if match is None:
            return at, ordered
        at = match.end()


def _settled(items: Sequence[_Item], *, ordered: bool) -> list[Wish]:
    """The wishes, or none when one of the things is not clear enough."""
    if items[-1].each:
        each = items[-1].quantity
        items = [structs.replace(item, quantity=item.quantity or each) for item in items]
    counted = [item.quantity is not None for item in items]
    if any(counted) != all(counted):
        return []  # "A and B, two": of the last, or of both?
    if not all(counted) and not all(item.clear or (ordered and item.marked) for item in items):
        return []
    units: dict[str, int] = {}
    for item in items:
        units[item.variant_id] = units.get(item.variant_id, 0) + (1 if item.quantity is None else item.quantity)
    if not all(1 <= quantity <= MOST_UNITS for quantity in units.values()):
        return []
    return [Wish(variant_id, quantity) for variant_id, quantity in units.items()]
