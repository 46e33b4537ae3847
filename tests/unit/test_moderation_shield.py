"""The haggling shield against labelled sentences (tests/vectors/shield.tsv): what it finds, what it leaves, how fast.

Sentences marked held-out were written before the rules, and no rule was made for them: they tell how the shield does
with words it has not met.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.moderation.shield import Shield, read, smooth

TABLE = Path(__file__).parents[1] / "vectors" / "shield.tsv"
SHIELD = Shield.load()
JAPANESE = re.compile("[ぁ-んァ-ヶｦ-ﾟ一-龥]")


@dataclass(frozen=True)
class Sentence:
    haggle: bool
    text: str
    held_out: bool


def sentences() -> list[Sentence]:
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    assert {row[0] for row in rows} == {"haggle", "honest"}
    assert {tuple(row[2:]) for row in rows} == {(), ("held-out",)}
    return [Sentence(row[0] == "haggle", row[1], len(row) == 3) for row in rows]


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float
    wrong: list[str]


def measure(of: list[Sentence]) -> Score:
    found = {sentence.text: SHIELD.haggles(sentence.text) for sentence in of}
    caught = sum(1 for sentence in of if sentence.haggle and found[sentence.text])
    return Score(
        caught / max(1, sum(1 for rule in found.values() if rule)),
        caught / max(1, sum(1 for sentence in of if sentence.haggle)),
        [
            f"{'missed' if sentence.haggle else found[sentence.text]}: {sentence.text}"
            for sentence in of
            if bool(found[sentence.text]) is not sentence.haggle
        ],
    )


def test_the_table_is_one_to_measure_on() -> None:
    table = sentences()
    assert len({sentence.text for sentence in table}) == len(table) >= 360
    assert sum(1 for sentence in table if sentence.held_out) >= 80
    assert 0.4 <= sum(1 for sentence in table if sentence.haggle) / len(table) <= 0.5
    assert 0.5 <= sum(1 for sentence in table if JAPANESE.search(sentence.text)) / len(table) <= 0.7


def test_haggling_is_recognised_and_honest_talk_is_not() -> None:
    table = sentences()
    parts = {
        "all": table,
        "held-out": [sentence for sentence in table if sentence.held_out],
        "Japanese": [sentence for sentence in table if JAPANESE.search(sentence.text)],
        "English": [sentence for sentence in table if not JAPANESE.search(sentence.text)],
    }
    print(f"\n{'':10}{'sentences':>10}{'precision':>11}{'recall':>8}")
    for name, part in parts.items():
        score = measure(part)
        print(f"{name:10}{len(part):10}{score.precision:11.3f}{score.recall:8.3f}")
    score = measure(table)
    assert score.precision >= 0.98, "\n".join(score.wrong)
    assert score.recall >= 0.90, "\n".join(score.wrong)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("２０００円", "2000円"),
        ("￥2,000 で", "2000円で"),
        ("二千五百円", "2500円"),
        ("1.5万", "15000"),
        ("2千えん", "2000円"),
        ("五〇〇円", "500円"),
        ("2 0 0 0 円", "2000円"),
        ("2k yen", "2000円"),
        ("two thousand yen", "2000円"),
        ("$20", "20円"),
        ("2kg", "2kg"),
        ("値 下・げ", "値下げ"),
        ("ネサゲ", "ねさげ"),
        ("ﾈｻｹﾞ", "ねさげ"),
        ("値\u200b下げ", "値下げ"),
        ("d.i.s.c.o.u.n.t", "discount"),
        ("一番", "一番"),
        ("十分", "十分"),
        ("十円", "10円"),
    ],
)
def test_many_ways_to_write_the_same_become_one(written: str, same: str) -> None:
    assert smooth(written) == same


def test_the_rule_is_named_for_the_audit() -> None:
    assert SHIELD.haggles("いつもありがとうございます。値引きは可能でしょうか") == "ja.cut"
    assert SHIELD.haggles("2000円になりませんか？") == "ja.offer-becomes"
    assert SHIELD.haggles("can you do 1000?") == "en.can-you-do"
    assert SHIELD.haggles("きれいですね") is None


def test_rules_of_another_file_can_be_read() -> None:
    """What a fragment stands for is kept together, and line breaks in a pattern do not count."""
    (rule,) = read(
        "[fragments]\nfruit = '''apple\n  |pear'''\n"
        "[[rules]]\nname = 'en.fruit'\nfinds = ['<fruit>s please']\nunless = ['no ']\n"
    )
    assert rule.recognises("apples please")
    assert not rule.recognises("apple")
    assert not rule.recognises("no pears please")


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    SHIELD.haggles(text)


NASTY = [
    *(
        "1",
        "1 ",
        "1,000,",
        "1.",
        "千",
        "一",
        "¥",
        "1円",
        "9円",
        "円に",
        "1%",
        "1k",
        "k ",
        "２",
        "ﷺ",
        "㌖",
        "🎋",
        "ー",
        "~",
        "!",
    ),
    *(
        "2000円",
        "2000円は",
        "安く",
        "安くー",
        "値下げ",
        "値下げして",
        "可能",
        "もう少し",
        "まけて",
        "に負けて",
        "値段",
        "値段も",
        "値",
    ),
    *("して", "くれ", "でも", "合計", "端数", "最低", "希望は", "送料込み", "いくらまで", "何円まで", "即決 ", "即決"),
    *(
        "a ",
        "a.",
        "do ",
        "can you ",
        "can you do 1000 of ",
        "3000 and ",
        "i take it x x ",
        "price",
        "the price ",
        "for me ",
    ),
    *("any discount thanks ", "good deal ", "i would pay ", "how about 10"),
]


def test_hostile_lines_take_no_longer_than_others() -> None:
    """A line of 200 characters made to keep the patterns busy: well below 5 ms each."""
    for piece in NASTY:
        line = (piece * 200)[:200]
        assert best(line) < 0.005, piece


def test_a_line_takes_microseconds() -> None:
    """The aim is 0.1 ms; the bound leaves room for a busy machine."""
    lines = [sentence.text for sentence in sentences()]
    assert sum(best(line) for line in lines) / len(lines) < 0.0005


def best(line: str, of: int = 3) -> float:
    """The shortest of some runs, in seconds: what the work takes, without what else the machine does."""
    taken = []
    for _ in range(of):
        start = time.perf_counter()
        SHIELD.haggles(line)
        taken.append(time.perf_counter() - start)
    return min(taken)
