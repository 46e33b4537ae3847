"""Words a store does not want to read, found however they are spelled.

A word in Latin letters is found as a word of its own ("ass", not "class"), as one with marks in it ("s.p.a.m") and as
one whose letters stand apart ("s p a m"). Any other word, a Japanese one above all, is found anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from ennichi.kit import text as kit_text
from ennichi.kit.errors import Invalid

LONGEST = 40
SHORTEST_AMONG = 3
"""From this length on a word is looked for among more letters that stand apart, too ("a s p a m")."""

_SMALL = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
_KANA = {ord(small): large for small, large in _SMALL.items()} | {ord("’"): "'"}
for _code in range(ord("ァ"), ord("ヶ") + 1):
    _KANA[_code] = _SMALL.get(chr(_code - 0x60), chr(_code - 0x60))
_VOICED = "\u3099\u309a"
_LEET = re.compile(r"(?<=[a-z])[013@$]++(?=[a-z])")
_PLAIN = str.maketrans("013@$", "oieas")
_PLAIN_L = str.maketrans("013@$", "oleas")
_BETWEEN = re.compile(r"[\W_]+")
_MARKS = re.compile(r"(?<=[a-z0-9@$])[._*\-~^|+=]++(?=[a-z0-9@$])")
_CONTRACTED = re.compile(r"(?<=[a-z]{2})'(?:s|ll|re|ve|d|t|m)(?![a-z])")
_TOKENS = re.compile(r"[a-z0-9]+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}+")
_LONG = re.compile("ー+")


def clean_word(text: str) -> str:
    """The word as a store may keep it; Invalid when nothing would be left to look for, or too much."""
    word = kit_text.clean(text)
    folded = fold(word)
    if not folded:
        raise Invalid(("word", "empty"))
    if max(len(word), len(folded)) > LONGEST:
        raise Invalid(("word", f"at most {LONGEST} characters"))
    return word


def fold(text: str) -> str:
    """Letters and digits alone, in one form for width, case, kana, accents and figures that stand for letters.

    A letter written three times and more counts twice, a long mark once.
    """
    return _drawn(_plain(_solid(_plain(_even(text)), 2)), 2)


class Words:
    """The words of a list, ready to be looked for in many lines."""

    def __init__(self, words: Iterable[str]) -> None:
        """Of the words as they were written; one that has nothing to look for is left out."""
        self._apart: dict[str, str] = {}
        self._anywhere: dict[str, str] = {}
        for word in words:
            folded = fold(word)
            if not folded.isascii():
                self._anywhere.setdefault(folded, word)
            elif folded:
                self._apart.setdefault(f" {folded} ", word)
                self._apart.setdefault(f" {_tokens(_even(word), 2)} ", word)

    def found(self, text: str) -> str | None:
        """A word of the list that the line holds, as it was written in the list, or None."""
        even = _even(text)
        return (self._apart and self._found_apart(even)) or (self._anywhere and self._found_anywhere(even)) or None

    def _found_apart(self, even: str) -> str | None:
        readings = {even, _plain(even), _plain(even, one="l")}
        readings |= {_plain(_MARKS.sub("", reading), one) for reading in readings for one in "il"}
        lines = {_tokens(reading, times) for reading in readings for times in (2, 1)}
        spelled = {run for times in (2, 1) for run in _spelled(even, times)}
        haystack = f" {' | '.join(lines | spelled)} "
        for needle, word in self._apart.items():
            if needle in haystack:
                return word
        if spelled:
            letters = " ".join(spelled)
            for needle, word in self._apart.items():
                if len(needle) >= SHORTEST_AMONG + 2 and needle[1:-1] in letters:
                    return word
        return None

    def _found_anywhere(self, even: str) -> str | None:
        lines = {_solid(reading, times) for reading in (even, _plain(even)) for times in (2, 1)}
        lines |= {_drawn(_plain(line), 2) for line in lines}
        haystack = " ".join(lines | {line.replace("ー", "") for line in lines})
        for needle, word in self._anywhere.items():
            if needle in haystack:
                return word
        return None


def _even(text: str) -> str:
    """One form for width, case, kana and accents; what stands between letters stays."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", text)
        if char in _VOICED or unicodedata.category(char) not in {"Mn", "Me", "Cf"}
    )
    return unicodedata.normalize("NFC", bare).translate(_KANA)


def _plain(text: str, one: str = "i") -> str:
    """With the letters that figures between letters stand for; a 1 may be an i or an l."""
    table = _PLAIN if one == "i" else _PLAIN_L
    return _LEET.sub(lambda found: found[0].translate(table), text)


def _solid(text: str, times: int) -> str:
    """Letters and digits alone."""
    return _drawn(unicodedata.normalize("NFC", _BETWEEN.sub("", text)), times)


def _drawn(text: str, times: int) -> str:
    """With a letter that is drawn out written so many times instead, and a long mark once."""
    return _LONG.sub("ー", _DRAWN_OUT.sub(lambda found: found[1] * times, text))


def _tokens(even: str, times: int) -> str:
    """The words in Latin letters of a line, with one space between them."""
    return " ".join(_TOKENS.findall(_drawn(even, times)))


def _spelled(even: str, times: int) -> set[str]:
    """What single letters in a row spell ("s p a m"); the s of "it's" is none of them."""
    runs = groupby(_TOKENS.findall(_CONTRACTED.sub(" ", even)), key=lambda token: len(token) == 1)
    words = ["".join(run) for single, run in runs if single]
    return {_drawn(_plain(word, one), times) for word in words if len(word) > 1 for one in "il"}
