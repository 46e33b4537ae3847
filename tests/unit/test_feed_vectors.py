"""The vectors that bind the room in the browser (frontend/src/live/apply.test.ts) bind the room on the server too."""

import json
import re
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ennichi.effects import Sale, YourHold, YourOrder
from ennichi.room import Event, Gathering, apply

FOLDER = Path(__file__).parents[1] / "vectors" / "feed"
OTHERS = YourHold | YourOrder | Sale
"""Kinds that other parts send through a room: the browser applies them, the room passes them on."""

EVERY: Any = Event | OTHERS
KINDS = {kind.tag for kind in msgspec.inspect.type_info(EVERY).types}  # type: ignore[attr-defined]  # a union has types
BROWSER_ONLY = {"mine", "sales"}
MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
STORE = {
    "id": "",
    "handle": "",
    "name": "",
    "face": None,
    "sold": 0,
    "likes": 0,
    "rating": None,
    "followers": 0,
    "color": "",
}
SHOW = {
    "id": "",
    "title": "",
    "state": "live",
    "store": STORE,
    "cover": None,
    "frame": None,
    "planned_at": None,
    "started_at": None,
    "ended_at": None,
    "viewers": 0,
    "likes": 0,
    "pinned": None,
    "sold": 0,
    "lineup_count": 0,
    "mine": False,
    "away": False,
}
EMPTY: dict[str, Any] = {
    "show": SHOW,
    "lines": [],
    "likes": 0,
    "viewers": 0,
    "pinned": None,
    "lineup": [],
    "answering": None,
    "questions": [],
    "stock": [],
}


def vectors() -> list[Any]:
    return [
        pytest.param(vector, id=f"{file.stem}: {vector['name']}")
        for file in sorted(FOLDER.glob("*.json"))
        for vector in json.loads(file.read_text("utf-8"))
    ]


def gathering(snapshot: dict[str, Any]) -> Gathering:
    known = {key: value for key, value in snapshot.items() if key not in BROWSER_ONLY}
    return msgspec.convert(EMPTY | known | {"show": SHOW | snapshot.get("show", {})}, Gathering)


def decoded(event: dict[str, Any]) -> msgspec.Struct | None:
    """The event as a struct; None for a kind nobody knows."""
    known: msgspec.Struct | None = msgspec.convert(event, EVERY) if event["type"] in KINDS else None
    return known


def matches(found: Any, expected: Any) -> bool:
    """Whether `found` has everything of `expected`: objects may have more, lists may not."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(k in found and matches(found[k], v) for k, v in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(matches, found, expected))
    if isinstance(expected, str) and MOMENT.match(expected):
        return datetime.fromisoformat(found) == datetime.fromisoformat(expected)
    return bool(found == expected)


@pytest.mark.parametrize("vector", vectors())
def test_the_room_comes_to_what_the_vector_expects(vector: dict[str, Any]) -> None:
    before = gathering(vector["snapshot"])
    kept = msgspec.json.encode(before)
    events = [event for raw in vector["events"] if (event := decoded(raw)) is not None]
    after = reduce(apply, events, before)
    expected = {key: value for key, value in vector["expected"].items() if key not in BROWSER_ONLY}
    assert matches(msgspec.to_builtins(after), expected), msgspec.json.encode(after).decode()
    assert msgspec.json.encode(before) == kept, "apply changed what it was given"
    if all(isinstance(event, OTHERS) for event in events):
        assert after is before


def test_every_kind_of_event_has_a_vector() -> None:
    seen = {event["type"] for param in vectors() for event in param.values[0]["events"]}
    assert seen >= KINDS
