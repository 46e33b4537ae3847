"""The haggling shield: recognises asking for a lower price. What that looks like stands in shield.toml."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

# A line has 200 characters at most. Only one made of ligatures becomes longer than this (a single one may stand for
# eighteen letters), and it is no reason to keep the room waiting.
LONGEST = 400

_JAPANESE = "ぁ-んー一-龥々〇"
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)} | {ord("〜"): "ー", ord("’"): "'"}
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_SPACE = r"[\s.・·_*|/\-]"
_GAPS = re.compile(rf"(?<=[{_JAPANESE}0-9]){_SPACE}++(?=[{_JAPANESE}])|(?<=[{_JAPANESE}]){_SPACE}++(?=[0-9])")
_DIGIT_GAPS = re.compile(r"(?<=(?<![0-9])[0-9]) (?=[0-9](?![0-9]))|(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_SPELLED = re.compile(r"(?<![a-z])[a-z](?:[ ._*\-][a-z](?![a-z])){3,}+")
_NOT_LETTERS = re.compile(r"[^a-z]")
_SPACES = re.compile(r"\s+")

_KANJI = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_COUNTED = re.compile(
    r"[0-9.〇零一二三四五六七八九]*+[百千万十][0-9〇零一二三四五六七八九十百千万]*+|[〇零一二三四五六七八九]++"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|.")
_TENS = "a one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_SAID = {word: str(max(place, 1)) for place, word in enumerate(_TENS.split())}
_SAID_NUMBER = re.compile(rf"\b({'|'.join(_SAID)}) (hundred|thousand|grand)\b")
_THOUSANDS = re.compile(r"(?<![a-z0-9.])([0-9]{1,4}(?:\.[0-9]{1,3})?)k(?![a-z0-9])")
_MONEY = re.compile(
    r"(?:[¥$] ?)?([0-9]++(?:\.[0-9]++)?) ?(?:円|えん(?!どう)|(?:yen|jpy|bucks?|dollars?|usd)(?![a-z]))"
    r"(?: (?=[ぁ-ん一-龥]))?"
    r"|[¥$] ?([0-9]++)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of asking; `unless` finds what only looks like it."""

    name: str
    finds: re.Pattern[str]
    unless: re.Pattern[str] | None

    def recognises(self, text: str) -> bool:
        """Whether the smoothed text asks in this way."""
        return bool(self.finds.search(text)) and not (self.unless and self.unless.search(text))


class Shield:
    """Recognises haggling in Japanese and English. Stateless: one serves every room."""

    def __init__(self, rules: list[Rule]) -> None:
        self._japanese = [rule for rule in rules if rule.name.startswith("ja.")]
        self._english = [rule for rule in rules if rule.name.startswith("en.")]

    @classmethod
    def load(cls) -> Self:
        """The shield with the rules that come with the program."""
        return cls(read((resources.files("ennichi.moderation") / "shield.toml").read_text(encoding="utf-8")))

    def haggles(self, text: str) -> str | None:
        """The name of the rule that recognised asking for a lower price, or None for any other talk."""
        smoothed = smooth(text)
        rules = self._english if smoothed.isascii() else [*self._japanese, *self._english]
        return next((rule.name for rule in rules if rule.recognises(smoothed)), None)


def read(toml: str) -> list[Rule]:
    """The rules of a file such as shield.toml, compiled."""
    data: dict[str, Any] = tomllib.loads(toml)
    fragments: dict[str, str] = {}

    def compiled(patterns: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{filled(pattern, fragments)})" for pattern in patterns))

    for name, pattern in data["fragments"].items():
        fragments[name] = filled(pattern, fragments)
    return [
        Rule(rule["name"], compiled(rule["finds"]), compiled(rule["unless"]) if "unless" in rule else None)
        for rule in data["rules"]
    ]


def filled(pattern: str, fragments: dict[str, str]) -> str:
    """The pattern in one line, with every `<name>` replaced by its fragment."""
    return re.sub(r"<([a-z]+)>", lambda found: f"(?:{fragments[found[1]]})", re.sub(r"\n\s*", "", pattern))


def smooth(text: str) -> str:
    """One form for the many ways to write the same: what the patterns of shield.toml are matched against."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()[:LONGEST])
    text = _SPELLED.sub(lambda found: _NOT_LETTERS.sub("", found[0]), text.translate(_HIRAGANA))
    text = _DIGIT_GAPS.sub("", text)
    if not text.isascii():
        text = _COUNTED.sub(_counted, _GAPS.sub("", text))
    text = _THOUSANDS.sub(lambda found: str(round(float(found[1]) * 1000)), text)
    text = _SAID_NUMBER.sub(lambda found: _SAID[found[1]] + ("00" if found[2] == "hundred" else "000"), text)
    return _MONEY.sub(lambda found: f"{found[1] or found[2]}円", text).strip()


def _counted(found: re.Match[str]) -> str:
    """Kanji numerals in digits. A lone 一 or 十 is left: it is more often part of a word (一番, 十分)."""
    run = found[0]
    if (
        len(run) == 1
        and run in "〇零一二三四五六七八九十"
        and found.string[found.end() : found.end() + 1] not in {"円", "え"}
    ):
        return run
    total = section = number = 0.0
    for piece in _NUMBER.findall(run):
        if piece in _KANJI:
            number = number * 10 + int(_KANJI[piece])
        elif piece == "万":
            total, section, number = total + (section + number or 1) * 10_000, 0.0, 0.0
        elif piece in _UNITS:
            section, number = section + (number or 1) * _UNITS[piece], 0.0
        elif piece != ".":
            number = float(piece)
    return str(round(total + section + number))
