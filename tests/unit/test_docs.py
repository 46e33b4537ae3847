"""The documents say what is so: whatever can be compared with the program is."""

import importlib
import json
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

import ennichi
from ennichi import effects
from ennichi.kit.errors import Problem
from ennichi.room import events as room_events
from ennichi.settings import Settings, describe

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LOCALE = ROOT / "frontend" / "src" / "ui" / "locale"
FOR_PROGRAMS = {"method.not_allowed", "http.refused"}
"""What only a program can run into; the pages would show the general sentence."""
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"")


def test_every_dependency_has_its_reason() -> None:
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([^`]+)` \| \S", page, re.MULTILINE))
    assert listed == dependencies()


def test_every_error_is_described() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z._]+)` \| (\w+) \|", page, re.MULTILINE))
    known = problems()
    assert set(listed) == set(known)
    assert {code: status for code, status in listed.items() if status != "4xx"} == {
        code: str(status) for code, status in known.items() if status is not None
    }


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_error_has_a_sentence(language: str) -> None:
    words = "".join((LOCALE / f"{area}.{language}.ts").read_text(encoding="utf-8") for area in ("common", "errors"))
    written = set(re.findall(r'^\s*"error\.([a-z._]+)":', words, re.MULTILINE))
    assert not set(problems()) - written - FOR_PROGRAMS


def test_every_setting_is_described_with_its_default() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    assert [tuple(row[:2]) for row in rows] == [(name, variable) for name, variable, _ in describe()]
    defaults = Settings()
    assert [row[3] for row in rows] == [shown(getattr(defaults, name)) for name, *_ in describe()]


def test_every_event_of_the_feed_has_an_example_that_is_one() -> None:
    page = (DOCS / "reference" / "feed.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    kinds = events()
    assert set(sections) == set(kinds)
    for kind, text in sections.items():
        (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
        written = json.loads(example)
        understood = msgspec.json.decode(example, type=kinds[kind])
        assert written == msgspec.to_builtins(understood, builtin_types=()) | {"type": kind}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for found in LINK.findall(text):
        target, _, anchor = next(filter(None, found)).partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), f"{target}#{anchor}"


def test_every_page_can_be_found_from_the_index() -> None:
    linked = {
        (DOCS / target).resolve()
        for target in re.findall(r"\]\(([^)#]+)", (DOCS / "index.md").read_text(encoding="utf-8"))
    }
    assert not set(DOCS.rglob("*.md")) - linked - {DOCS / "index.md"}


def test_every_domain_has_its_page() -> None:
    packages = {path.parent.name for path in (ROOT / "src" / "ennichi").glob("*/service*")}
    assert {page.stem for page in (DOCS / "domains").glob("*.md")} == packages | {"media"}


def dependencies() -> set[str]:
    """What pyproject.toml and package.json name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines: list[Any] = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    lines += [line for group in project["dependency-groups"].values() for line in group if isinstance(line, str)]
    names = {match[0] for line in lines if (match := re.match(r"[A-Za-z0-9_.-]+", line))}
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    return names | set(package["dependencies"]) | set(package["devDependencies"])


def problems() -> dict[str, int | None]:
    """Every code a client can meet, with its status; None where the HTTP layer chooses it."""
    for module in pkgutil.walk_packages(ennichi.__path__, "ennichi."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    found: dict[str, int | None] = {
        kind.code: kind.status for kind in kinds_of(Problem) if "_" in kind.code or "." in kind.code
    }
    web = (ROOT / "src" / "ennichi" / "web" / "errors.py").read_text(encoding="utf-8")
    made = dict(re.findall(r'answer\((\d+), "([a-z_.]+)"', web))
    found |= {code: int(status) for status, code in made.items()}
    for status, code in re.findall(r'^    (\d+): \("([a-z_.]+)"', web, re.MULTILINE):
        found.setdefault(code, 422 if status in ("400", "415") else int(status))
    found |= dict.fromkeys(re.findall(r'\("([a-z]+\.[a-z_]+)", problem\.detail\)', web))
    return found


def kinds_of(kind: type[Problem]) -> list[type[Problem]]:
    return [deeper for child in kind.__subclasses__() for deeper in [child, *kinds_of(child)]]


def events() -> dict[str, type[msgspec.Struct]]:
    """Every kind of event, by its tag."""
    found = [value for module in (room_events, effects) for value in vars(module).values() if isinstance(value, type)]
    tagged = [kind for kind in found if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct]
    return {str(kind.__struct_config__.tag): kind for kind in tagged if kind.__struct_config__.tag_field == "type"}


def shown(value: object) -> str:
    """A default as the table writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as hosts of repositories make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
