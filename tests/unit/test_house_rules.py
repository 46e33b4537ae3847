"""Rules of the house that no other tool checks."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "ennichi").rglob("*.py"))
PAGES = [
    path
    for path in (ROOT / "frontend").rglob("*")
    if path.suffix in {".ts", ".svelte", ".css"} and "node_modules" not in path.parts
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*SOURCES, *PAGES, *TESTS]
        if (lines := length(path)) > LONGEST_FILE
    }
    assert not long


def test_modules_say_what_they_are() -> None:
    assert not [path for path in [*SOURCES, *PAGES] if path.stem.lower() in VAGUE]


def test_sql_stands_in_queries_alone() -> None:
    """`kit` speaks to Postgres itself; a domain does so through the statements of its queries.py, or queries/."""
    domains = [path for path in SOURCES if not {"kit", "queries"} & set(path.with_suffix("").parts)]
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in domains
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Query", "Command"}
    ]
    assert not made


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
