"""What people type, made safe to keep: one Unicode form, no control characters, no stray spaces."""

import re
import unicodedata

# Controls and lone surrogates break databases and terminals. Bidirectional overrides and isolates can make a line
# read as something else; joiners stay, because emoji and several scripts need them.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """One line: NFC, without control characters, inner white space folded, ends trimmed."""
    return " ".join(_safe(text).split())


def clean_block(text: str) -> str:
    """Like `clean`, but line ends are kept (two blank lines in a row become one)."""
    text = _safe(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _safe(text: str) -> str:
    """Without what is unsafe, then in one form: what stood apart before may belong together now."""
    return unicodedata.normalize("NFC", _UNSAFE.sub("", text))
