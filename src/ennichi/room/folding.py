"""When two questions are the same question.

Cautious on purpose: questions that differ in more than width, case, kana, spaces, marks and politeness stay apart. The
stall can put two together by hand; it cannot take apart what was wrongly one.
"""

import re
import unicodedata

_KANA = {katakana: katakana - 0x60 for katakana in range(ord("ァ"), ord("ヶ") + 1)}
_MARKS = re.compile(r"[\s!?。、・…‥~〜～\"'“”‘’«»()（）\[\]「」『』【】<>《》*_;]+")
_BETWEEN = re.compile(r"[.,:/-](?!\d)|(?<!\d)[.,:/](?=\d)")
"""Marks that mean something before a digit only: 1.5, 1,000, 10-20, -5."""
_PRESENT = re.compile(r"(ます|ました|ません|ませんでした)(?:かね?|でしょうか)ー?$")
_COPULA = re.compile(r"(?:(?<=[るいうた])ん)?(?:です|でしょう)かね?ー?$")
"""With an explaining ん after a verb or an adjective only, and in hiragana: not the last letter of みかん or ワイン."""
_HOUSE = re.compile(
    r"送料|発送|配送|配達|届|支払|クレジット|返品|返金|交換|キャンセル|領収|次回|配信|shipping|deliver|postage|pay|refund|return"
)


def folded(text: str) -> str:
    """What is left of a question without its looks; "" when nothing is, which is then no other question's."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc"))
    plain = _BETWEEN.sub("", _MARKS.sub("", plain))
    if not any(c.isalnum() for c in plain):
        return ""
    return (_COPULA.sub("", _PRESENT.sub(r"\1", plain)) or plain).translate(_KANA)


def of_the_house(fold: str) -> bool:
    """Whether it is about the stall (shipping, paying, returns) and not about the thing that is shown."""
    return _HOUSE.search(fold) is not None
