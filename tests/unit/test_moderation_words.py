"""NG words: found however they are spelled, and not where they are no word."""

import random
import time
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ennichi.kit.errors import Invalid
from ennichi.moderation.words import LONGEST, Words, clean_word, fold

LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)
KANA = st.text("あいうえおかきくけこさしすせそたちつてとなにぬねのばびぶべぼん馬鹿死詐欺", min_size=1, max_size=10)
GAPS = ["", " ", "　", ".", "・", "-", "_", "*", "\u200b", "\u2060", "\u00ad", ". ", "/", "☆", "♡", "、", "🎋"]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＳＰＡＭ", "spam"),
        ("s.p.a.m", "spam"),
        ("S p\u200bA m!", "spam"),
        ("バカ", "ばか"),
        ("ﾊﾞｶ", "ばか"),
        ("ハ゛カ", "はか"),
        ("は\u3099か", "ばか"),
        ("ば　か", "ばか"),
        ("ちょっと", "ちよつと"),
        ("ビーーール", "びーる"),
        ("うざああああい", "うざああい"),
        ("cooool", "cool"),
        ("good", "good"),
        ("p0rn", "porn"),
        ("h3ll0", "hell0"),
        ("v1@gra", "viagra"),
        ("1000円", "1000円"),
        ("Ⓢpam", "spam"),
        ("café", "cafe"),
        ("s\u0336p\u0336a\u0336m\u0336", "spam"),
        ("Straße", "strasse"),
        ("！？…", ""),
        ("", ""),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("spam", "buy my SPAM now"),
        ("spam", "s p a m"),
        ("spam", "this is s.p.a.m ok"),
        ("spam", "this is s.p.a.m,ok"),
        ("spam", "sp.am"),
        ("spam", "s-p_a*m"),
        ("spam", "ｓｐａｍ"),
        ("spam", "sp\u200bam"),
        ("spam", "spaaaaam"),
        ("spam", "sp@m"),
        ("spam", "s.p.@.m"),
        ("spam", "a s p a m"),
        ("spam", "s  p  a  a  a  a  m"),
        ("spam", "これspamです"),
        ("spam", "これs.p.a.mです"),
        ("spam", "spam's back"),
        ("spam", "(spam)"),
        ("ass", "you ass"),
        ("ass", "asssss"),
        ("asshole", "a$$hole"),
        ("club", "c1ub"),
        ("viagra", "v1agra"),
        ("buy now", "please BUY  NOW"),
        ("buy now", "buy-now"),
        ("buy now", "b u y n o w"),
        ("top 10", "the top 10 list"),
        ("バカ", "ばか"),
        ("ばか", "本当にﾊﾞｶだ"),
        ("ばか", "バ　カ"),
        ("ばか", "ば・か"),
        ("ばか", "ばーーーか"),
        ("ばか", "ばばばかかか"),
        ("ばか", "ば\u200bか"),
        ("ばか", "は\u3099か"),
        ("馬鹿", "馬 鹿"),
        ("うざい", "うざぃ"),
        ("うざい", "うざいいいい"),
        ("詐欺", "これ詐.欺だろ"),
        ("ビール", "生ビーーール"),
        ("3Dゲーム", "new 3dゲーム"),
        ("LINE交換", "line 交換しよ"),
        ("スパム", "ＳＰＡＭではなくｽﾊﾟﾑ"),
    ],
)
def test_a_word_is_found_as_the_store_wrote_it(word: str, line: str) -> None:
    assert Words(["some", "other", "ほか", word]).found(line) == word


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("ass", "a class of its own, a glass and a bass"),
        ("ass", "as soon as sold"),
        ("as", "ass"),
        ("hell", "he'll say hello to Shell"),
        ("hell", "she'll"),
        ("penis", "the pen is mine"),
        ("shit", "push it, wash it"),
        ("sex", "Essex, Sussex"),
        ("cunt", "Scunthorpe"),
        ("sot", "soot"),
        ("god", "good goods"),
        ("tit", "title"),
        ("spam", "spa mart"),
        ("sa", "it's a wonder"),
        ("home", "homer"),
        ("10", "1000"),
        ("ばか", "はか"),
        ("ビール", "ビルの前"),
        ("死ね", "必死"),
        ("ばか", "ばら かご"),
    ],
)
def test_it_is_not_found_where_it_is_no_word(word: str, line: str) -> None:
    assert Words([word]).found(line) is None


def test_a_mark_between_words_does_not_hide_the_second() -> None:
    assert Words(["home"]).found("me@home") == "home"
    assert Words(["spam"]).found("hello.spam") == "spam"


def test_no_words_find_nothing() -> None:
    assert Words([]).found("anything") is None
    assert Words(["!?", "　"]).found("anything!?　") is None


def test_a_word_is_kept_clean() -> None:
    assert clean_word("  bad   word ") == "bad word"
    assert clean_word("あ") == "あ"
    assert clean_word("a" * 2 + "bc" * 19) == "aa" + "bc" * 19


@pytest.mark.parametrize(
    ("written", "problem"), [("", "empty"), (" 　", "empty"), ("!?…", "empty"), ("\u200b", "empty"), ("🎋", "empty")]
)
def test_a_word_of_nothing_is_refused(written: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_word(written)
    assert refused.value.params["fields"] == [{"path": "word", "problem": problem}]


@pytest.mark.parametrize("written", ["ab" * (LONGEST // 2) + "c", "ﷺ" * 10, "a " * LONGEST])
def test_a_word_that_is_too_long_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        clean_word(written)


@given(st.text())
@example("a 3 b")
@example("I1:I")
@example("aa a")
@example("\u1100 \u1161")
@example("ー ー")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=200))
def test_any_words_and_any_line_get_an_answer(words: list[str], line: str) -> None:
    found = Words(words).found(line)
    assert found is None or found in words


@given(st.text(min_size=1, max_size=20))
def test_a_word_is_found_in_itself(word: str) -> None:
    assume(fold(word))
    assert Words([word]).found(word) == word


@given(LATIN | KANA, st.data())
def test_a_word_is_found_however_it_is_written(word: str, data: st.DataObject) -> None:
    """With one gap between all letters, in any case, width and kana."""
    gap = data.draw(st.sampled_from(GAPS))
    letters = [data.draw(st.sampled_from([letter, letter.upper(), wide(letter), katakana(letter)])) for letter in word]
    before, after = data.draw(st.sampled_from([("", ""), ("これは ", " だよ"), ("see, ", ", ok"), ("「", "」")]))
    assert Words([word]).found(before + gap.join(letters) + after) == word


def wide(letter: str) -> str:
    return chr(ord(letter) + 0xFEE0) if letter.isascii() else letter


def katakana(letter: str) -> str:
    return chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else unicodedata.normalize("NFD", letter)


def test_five_hundred_words_take_less_than_a_millisecond() -> None:
    dice = random.Random(7)
    latin = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(3, 12))) for _ in range(250)]
    kana = ["".join(dice.choices("あいうえおかきくけこさしすせそたちつてと", k=dice.randint(4, 9))) for _ in range(250)]
    words = Words([*latin, *kana])
    lines = [
        ("ふつうのコメントです、this is a quite ordinary line！ " * 10)[:200],
        ("s p a m " * 40)[:200],
        ("a.b-c@d1e " * 40)[:200],
        "🎋é" * 100,
    ]
    for line in lines:
        taken = []
        for _ in range(20):
            start = time.thread_time()
            words.found(line)
            taken.append(time.thread_time() - start)
        assert min(taken) < 0.001, line
