"""Files of transfers as Japanese banks take them, and the kana they know."""

from datetime import date

import pytest

from ennichi.kit.errors import Invalid
from ennichi.ledger import sender_of
from ennichi.ledger.zengin import kana, transfers_file
from ennichi.payments import BankAccount

SENDER = "1234567890:カ）エンニチ:0001:ミズホ:110:ホンテン:ordinary:1234567"


@pytest.mark.parametrize(
    ("written", "as_banks_write"),
    [
        ("みずほ", "ﾐｽﾞﾎ"),
        ("ミズホ", "ﾐｽﾞﾎ"),
        ("ﾐｽﾞﾎ", "ﾐｽﾞﾎ"),
        ("ヤマモト　ミオ", "ﾔﾏﾓﾄ ﾐｵ"),
        ("カ）ショッピング", "ｶ)ｼﾖﾂﾋﾟﾝｸﾞ"),
        ("ローソン", "ﾛ-ｿﾝ"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("パピプ・ヲ", "ﾊﾟﾋﾟﾌﾟ.ｵ"),
        ("mufg １号", None),
        ("ＭＵＦＧ 1", "MUFG 1"),
        ("山本", None),
        ("", None),
        ("a\r\nb", None),
    ],
)
def test_names_are_written_as_banks_know_them(written: str, as_banks_write: str | None) -> None:
    if as_banks_write is None:
        with pytest.raises(Invalid):
            kana(written)
    else:
        assert kana(written) == as_banks_write


def test_a_file_has_lines_of_120_bytes_with_everything_in_its_place() -> None:
    bank = BankAccount(
        bank_code="0005",
        bank_name="ﾐﾂﾋﾞｼUFJ",
        branch_code="002",
        branch_name="ﾏﾙﾉｳﾁ",
        kind="current",
        number="0012345",
        holder="ﾔﾏﾓﾄ ﾐｵ",
    )
    body = transfers_file(sender_of(SENDER), date(2026, 11, 22), [(bank, 1234), (bank, 9_999_999_999)])
    assert body.endswith(b"\r\n")
    lines = body.split(b"\r\n")[:-1]
    assert [len(line) for line in lines] == [120] * 5
    header, first, second, trailer, end = (line.decode("shift_jis") for line in lines)
    assert header[:14] == "12101234567890"
    assert header[14:54].rstrip() == "ｶ)ｴﾝﾆﾁ"
    assert header[54:62] == "11220001"
    assert (header[62:77].rstrip(), header[77:80], header[80:95].rstrip()) == ("ﾐｽﾞﾎ", "110", "ﾎﾝﾃﾝ")
    assert header[95:] == "1" + "1234567" + " " * 17
    assert (first[:5], first[5:20].rstrip(), first[20:23]) == ("20005", "ﾐﾂﾋﾞｼUFJ", "002")
    assert (first[23:38].rstrip(), first[38:42], first[42:50]) == ("ﾏﾙﾉｳﾁ", "    ", "20012345")
    assert (first[50:80].rstrip(), first[80:90], first[90], first[111]) == ("ﾔﾏﾓﾄ ﾐｵ", "0000001234", "0", "7")
    assert second[80:90] == "9999999999"
    assert trailer.rstrip() == "8" + "000002" + "010000001233"
    assert end.rstrip() == "9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1:2:3",
        SENDER.replace("0001", "001"),
        SENDER.replace("ordinary", "secret"),
        SENDER.replace("ミズホ", "銀行"),
    ],
)
def test_a_sender_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        sender_of(text)
