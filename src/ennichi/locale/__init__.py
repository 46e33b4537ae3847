"""What the program itself writes to people (mail, a new stall's first texts), one TOML file per language.

Another language is another file beside `ja.toml`, with the same keys. The pages keep their own words in `frontend/`.
"""

import tomllib
from functools import cache
from importlib import resources

FALLBACK = "ja"


@cache
def languages() -> frozenset[str]:
    """The languages there is a file for, as two-letter codes."""
    files = resources.files("ennichi.locale").iterdir()
    return frozenset(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def text(lang: str, key: str, **params: object) -> str:
    """The words for `key` in `lang` (Japanese where there is no such language), with `{name}` places filled in."""
    table = _table(lang if lang in languages() else FALLBACK)
    return table[key].format(**params)


def preferred(accept_language: str) -> str:
    """The best language we have for an Accept-Language header; Japanese when it names none of ours."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wanted.append((weight, tag.strip().partition("-")[0].lower()))
    for weight, lang in sorted(wanted, key=lambda pair: -pair[0]):
        if lang in languages() and weight > 0:
            return lang
    return FALLBACK


@cache
def _table(lang: str) -> dict[str, str]:
    data = tomllib.loads((resources.files("ennichi.locale") / f"{lang}.toml").read_text(encoding="utf-8"))
    return {f"{group}.{name}": words for group, entries in data.items() for name, words in entries.items()}
