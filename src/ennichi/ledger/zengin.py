"""Transfers as Japanese banks take them: the 全銀 (Zengin) file for 総合振込, and names in the kana they know.

A file is of lines of 120 bytes in Shift_JIS with half-width kana: one header with who pays, one line for each
transfer, a trailer with their number and sum, an end. Each line ends with CR LF.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from ennichi.kit.errors import Invalid
from ennichi.payments import BankAccount

_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヲ", "アイウエオツヤユヨワカケオ")
_SIGNS = str.maketrans({"ー": "-", "‐": "-", "–": "-", "—": "-", "−": "-", "・": ".", "、": ",", "。": ".", "　": " "})
_HALF = {
    unicodedata.normalize("NFKC", half): half for half in (chr(code) for code in range(0xFF66, 0xFF9E)) if half != "ｰ"
} | {"\u3099": "ﾞ", "\u309a": "ﾟ", "「": "｢", "」": "｣"}
_ALLOWED = re.compile(r"[0-9A-Zｱ-ﾝﾞﾟ ()\-.,/\\｢｣]+")
_KINDS = {"ordinary": "1", "current": "2", "savings": "4"}


class Sender(Struct, frozen=True, kw_only=True):
    """Who pays: the code the bank gave for such files, and the account the money is taken from."""

    code: str
    name: str
    bank: BankAccount


def kana(text: str) -> str:
    """A name as banks write it: half-width kana, capitals, digits and a few signs; Invalid when it cannot be."""
    wide = unicodedata.normalize("NFKC", text).upper().translate(_SIGNS)
    katakana = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in wide)
    plain = unicodedata.normalize("NFD", katakana.translate(_SMALL).translate(_SIGNS))
    half = "".join(_HALF.get(c, c) for c in plain).strip()
    if not _ALLOWED.fullmatch(half):
        raise Invalid(("kana", "not_kana"))
    return half


def sender_of(text: str) -> Sender:
    """The sender in `code:name:bank code:bank:branch code:branch:kind:number`; ValueError for another form."""
    parts = text.split(":")
    if len(parts) != 8:
        raise ValueError("the sender of transfers needs eight parts")
    code, name, bank_code, bank_name, branch_code, branch_name, kind, number = parts
    shapes = ((code, 10), (bank_code, 4), (branch_code, 3), (number, 7))
    if kind not in _KINDS or any(not re.fullmatch(rf"[0-9]{{{digits}}}", part) for part, digits in shapes):
        raise ValueError("the sender of transfers has a code that is not of the right length, or another kind")
    try:
        names = [kana(one) for one in (bank_name, branch_name, name)]
    except Invalid:
        raise ValueError("the sender of transfers has a name that is not in kana") from None
    bank = BankAccount(
        bank_code=bank_code,
        bank_name=names[0],
        branch_code=branch_code,
        branch_name=names[1],
        kind=kind,  # type: ignore[arg-type]  # looked at just above
        number=number,
        holder=names[2],
    )
    return Sender(code=code, name=bank.holder, bank=bank)


def transfers_file(sender: Sender, day: date, transfers: Sequence[tuple[BankAccount, int]]) -> bytes:
    """The file of `transfers` (to whom, how much) to be carried out on `day`."""
    lines = [_header(sender, day), *(_data(bank, amount) for bank, amount in transfers)]
    lines.append("8" + _digits(len(transfers), 6) + _digits(sum(amount for _, amount in transfers), 12) + " " * 101)
    lines.append("9" + " " * 119)
    return "".join(line + "\r\n" for line in lines).encode("shift_jis")


def _header(sender: Sender, day: date) -> str:
    bank = sender.bank
    return (
        f"1210{sender.code}{_text(sender.name, 40)}{day:%m%d}{bank.bank_code}{_text(bank.bank_name, 15)}"
        f"{bank.branch_code}{_text(bank.branch_name, 15)}{_KINDS[bank.kind]}{bank.number}{' ' * 17}"
    )


def _data(bank: BankAccount, amount: int) -> str:
    return (
        f"2{bank.bank_code}{_text(bank.bank_name, 15)}{bank.branch_code}{_text(bank.branch_name, 15)}{' ' * 4}"
        f"{_KINDS[bank.kind]}{bank.number}{_text(bank.holder, 30)}{_digits(amount, 10)}0{' ' * 20}7{' ' * 8}"
    )


def _text(text: str, width: int) -> str:
    return text[:width].ljust(width)


def _digits(number: int, width: int) -> str:
    digits = str(number).rjust(width, "0")
    if len(digits) > width:
        raise ValueError(f"{number} has more than {width} digits")
    return digits
