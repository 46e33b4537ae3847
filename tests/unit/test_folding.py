"""Which questions are taken for one and the same: what may be, and above all what may not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.room.desk import Sense
from ennichi.room.folding import folded

ONE = [
    [
        "送料はいくらですか？",
        "送料はいくら?",
        "送料は イクラ？？",
        "送料はいくらでしょうか",
        "送料は、いくらですかー？",
    ],
    ["冷凍できますか？", "冷凍できますかね〜？", "冷凍できますでしょうか", "冷凍 できます？"],
    ["違うんですか？", "違うんでしょうか", "違う？"],
    ["ﾐﾙｸに合いますか", "ミルクに合いますか？", "みるくに合いますか"],
    ["How much is shipping?", "how much is shipping", "HOW MUCH  IS SHIPPING?!"],
    ["1,000円ですか", "1,000円?"],
]
APART = [
    ("スキー？", "好き？"),
    ("スキー？", "すき？"),
    ("冷凍できますか？", "冷凍できませんか？"),
    ("1.5Lですか？", "15Lですか？"),
    ("10-20cmですか？", "1020cmですか？"),
    ("-5度で平気？", "5度で平気？"),
    ("🍎いくら？", "🍊いくら？"),
    ("かばんですか？", "かばですか？"),
    ("ワインですか？", "ワイですか？"),
    ("赤はありますか？", "青はありますか？"),
    ("How big?", "How bigger?"),
    ("カ？", "ガ？"),
    ("明日届きますか？", "明日届きましたか？"),
]


@pytest.mark.parametrize("texts", ONE, ids=lambda texts: texts[0])
def test_the_same_in_other_words_of_politeness(texts: list[str]) -> None:
    assert len({folded(text) for text in texts}) == 1


@pytest.mark.parametrize(("one", "other"), APART)
def test_not_the_same(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("text", ["？", "!?", "🍎？", "👨‍👩‍👧?", "。。。", "\u200b?"])
def test_what_says_nothing_is_no_others_question(text: str) -> None:
    assert folded(text) == ""
    assert not Sense(folded(text), None).same(Sense(folded(text), None))


def test_of_different_things_only_what_is_about_the_stall_is_one() -> None:
    price, postage = folded("いくらですか？"), folded("送料はいくらですか？")
    assert not Sense(price, "a").same(Sense(price, "b"))
    assert Sense(price, "a").same(Sense(price, "a"))
    assert Sense(price, "a").same(Sense(price, None))
    assert Sense(postage, "a").same(Sense(postage, "b"))
    assert not Sense(price, None).same(Sense(postage, None))


@given(st.text(max_size=200))
def test_any_text_folds_to_one_that_folds_to_itself_in_another_form(text: str) -> None:
    fold = folded(text)
    assert "\0" not in fold
    assert folded(unicodedata.normalize("NFKC", text)) == fold
