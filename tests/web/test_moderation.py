"""Order of the house over HTTP: who may do what, what the answers look like, and what reaches whom."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.support.hall import Hall, hall_on, heard
from tests.support.inside import Client, Doors

from ennichi.room import actor


class Desk:
    """A hall with a client for everyone in it."""

    def __init__(self, hall: Hall, clients: dict[str, Client]) -> None:
        self.hall = hall
        self.keeper, self.mio, self.ren = clients["keeper"], clients["mio"], clients["ren"]
        self.operator, self.visitor = clients["operator"], clients["visitor"]
        self.store = f"/stores/{hall.store_id}"
        self.messages = f"/shows/{hall.show_id}/messages"

    async def say(self, who: Client, text: str, **more: Any) -> dict[str, Any]:
        """Say something, long after the last time."""
        self.hall.festival.clock.advance(3)
        line: dict[str, Any] = await who.ask("POST", self.messages, {"text": text, **more})
        return line


@pytest.fixture
async def desk(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(actor, "TICK", 0.002)
    async with hall_on(db_url, tmp_path) as hall, AsyncExitStack() as stack:
        doors = Doors(hall.festival)
        people = {"keeper": hall.keeper, "mio": hall.mio, "ren": hall.ren, "visitor": None}
        people["operator"] = await hall.operator()
        clients = {name: await stack.enter_async_context(doors.client(who)) for name, who in people.items()}
        yield Desk(hall, clients)


async def test_the_house_as_its_staff_sees_it(desk: Desk) -> None:
    line = await desk.say(desk.mio, "わるい")
    empty = {
        "shield": True,
        "slow_s": 0,
        "followers_only": False,
        "words": [],
        "moderators": [],
        "blocked": [],
        "timed_out": [],
        "reports": [],
    }
    assert await desk.keeper.ask("GET", f"{desk.store}/house") == empty
    changed = await desk.keeper.ask("PATCH", f"{desk.store}/house", {"slow_s": 5, "shield": False})
    assert changed == empty | {"slow_s": 5, "shield": False}
    await desk.keeper.ask("POST", f"{desk.store}/words", {"word": "ばか"})
    await desk.keeper.ask("PUT", f"{desk.store}/moderators/{desk.hall.ren.id}")
    await desk.keeper.ask("PUT", f"{desk.store}/blocks/{desk.hall.mio.id}")
    await desk.keeper.ask("PUT", f"{desk.store}/timeouts/{desk.hall.mio.id}", {"seconds": 60})
    report = {"reason": "abuse", "note": "こわい"}
    answer = await desk.ren.request("POST", f"/shows/{desk.hall.show_id}/lines/{line['id']}/reports", json=report)
    assert (answer.status_code, answer.json()) == (202, {})
    house = await desk.ren.ask("GET", f"{desk.store}/house")
    mio = {"id": desk.hall.mio.id, "name": "Buyer0"}
    assert [word["word"] for word in house["words"]] == ["ばか"]
    since = "2026-11-22T11:00:03Z"
    assert house["moderators"] == [{"id": desk.hall.ren.id, "name": "Buyer1", "since": since}]
    assert house["blocked"] == [mio | {"since": since}]
    assert house["timed_out"] == [mio | {"until": "2026-11-22T11:01:03Z"}]
    (shown,) = house["reports"]
    assert (shown["reason"], shown["note"], shown["reporter"], shown["about_staff"]) == ("abuse", "こわい", None, False)
    assert (shown["line"]["text"], shown["line"]["account"], shown["line"]["removed"]) == ("わるい", mio, False)
    acts = await desk.ren.ask("GET", f"{desk.store}/acts")
    assert sorted(act["act"] for act in acts) == [
        "account.blocked",
        "account.timed_out",
        "moderator.appointed",
        "rules.changed",
        "word.added",
    ]
    word_id = house["words"][0]["id"]
    for path in (f"words/{word_id}", f"moderators/{desk.hall.ren.id}", f"blocks/{mio['id']}", f"timeouts/{mio['id']}"):
        await desk.keeper.ask("DELETE", f"{desk.store}/{path}")
        await desk.keeper.ask("DELETE", f"{desk.store}/{path}")
    after = await desk.keeper.ask("POST", f"{desk.store}/reports/{shown['id']}/settle", {})
    assert after == changed


async def test_who_may_do_what(desk: Desk) -> None:
    line = await desk.say(desk.mio, "hello")
    ren, store = desk.hall.ren.id, desk.store
    staff: list[tuple[str, str, Any]] = [
        ("GET", f"{store}/house", None),
        ("PATCH", f"{store}/house", {"slow_s": 3}),
        ("POST", f"{store}/words", {"word": "ばか"}),
        ("DELETE", f"{store}/words/{ren}", None),
        ("PUT", f"{store}/blocks/{ren}", {}),
        ("DELETE", f"{store}/blocks/{ren}", None),
        ("PUT", f"{store}/timeouts/{ren}", {"seconds": 10}),
        ("DELETE", f"{store}/timeouts/{ren}", None),
        ("GET", f"{store}/acts", None),
        ("DELETE", f"/shows/{desk.hall.show_id}/lines/{line['id']}", None),
    ]
    owners: list[tuple[str, str, Any]] = [
        ("PUT", f"{store}/moderators/{ren}", None),
        ("DELETE", f"{store}/moderators/{ren}", None),
    ]
    operators: list[tuple[str, str, Any]] = [
        ("GET", "/house/words", None),
        ("POST", "/house/words", {"word": "さぎ"}),
        ("DELETE", f"/house/words/{ren}", None),
        ("GET", "/house/reports", None),
        ("GET", "/house/acts", None),
    ]
    for method, path, body in [*staff, *owners, *operators]:
        assert (await desk.visitor.refused(method, path, body))[:2] == (401, "auth.required"), path
        assert (await desk.ren.refused(method, path, body))[:2] == (403, "auth.forbidden"), path
    for method, path, body in staff:
        await desk.operator.ask(method, path, body)
    for method, path, body in owners:
        assert (await desk.operator.refused(method, path, body))[:2] == (403, "auth.forbidden"), path
        await desk.keeper.ask(method, path, body)
    for method, path, body in operators:
        assert (await desk.keeper.refused(method, path, body))[:2] == (403, "auth.forbidden"), path
        await desk.operator.ask(method, path, body)
    report = f"/shows/{desk.hall.show_id}/lines/{line['id']}/reports"
    assert (await desk.visitor.refused("POST", report, {"reason": "spam"}))[:2] == (401, "auth.required")


DOES_NOT_FIT: list[tuple[str, str, Any]] = [
    ("PATCH", "house", {"slow_s": 601}),
    ("PATCH", "house", {"slow_s": -1}),
    ("PATCH", "house", {"slow_s": None}),
    ("PATCH", "house", {"shield": "off"}),
    ("POST", "words", {}),
    ("POST", "words", {"word": ""}),
    ("POST", "words", {"word": "・\u200b "}),
    ("POST", "words", {"word": "あ" * 41}),
    ("PUT", "timeouts/{ren}", {"seconds": 9}),
    ("PUT", "timeouts/{ren}", {"seconds": 86_401}),
    ("PUT", "timeouts/{ren}", {}),
    ("PUT", "blocks/{ren}", {"remove_lines": 1}),
    ("GET", "acts?before=%00", None),
]


async def test_what_does_not_fit_is_told(desk: Desk) -> None:
    for method, path, body in DOES_NOT_FIT:
        where = f"{desk.store}/{path.format(ren=desk.hall.ren.id)}"
        status, code, params = await desk.keeper.refused(method, where, body)
        assert (status, code) == (422, "input.invalid"), (path, body)
        assert params["fields"], (path, body)


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    nobody = desk.hall.show_id  # an id, but nobody's
    line = await desk.say(desk.mio, "hello")
    refused = [
        await desk.operator.refused("GET", f"/stores/{nobody}/house"),
        await desk.operator.refused("GET", f"/stores/{nobody}/acts"),
        await desk.keeper.refused("PUT", f"{desk.store}/blocks/{nobody}"),
        await desk.keeper.refused("PUT", f"{desk.store}/blocks/someone"),
        await desk.keeper.refused("PUT", f"{desk.store}/moderators/{nobody}"),
        await desk.keeper.refused("POST", f"{desk.store}/reports/{nobody}/settle"),
        await desk.keeper.refused("DELETE", f"/shows/{desk.hall.show_id}/lines/{nobody}"),
        await desk.keeper.refused("DELETE", f"/shows/{desk.hall.store_id}/lines/{line['id']}"),
        await desk.keeper.refused("POST", f"/shows/{desk.hall.show_id}/lines/{nobody}/reports", {"reason": "spam"}),
    ]
    assert {(status, code) for status, code, _ in refused} == {(404, "not_found")}
    for aim in ("blocks", "moderators"):
        code = "house.is_staff" if aim == "blocks" else "house.is_owner"
        answer = await desk.keeper.refused("PUT", f"{desk.store}/{aim}/{desk.hall.keeper.id}")
        assert answer[:2] == (409, code)


async def test_refusals_carry_what_the_page_needs_to_say(desk: Desk) -> None:
    await desk.keeper.ask("PATCH", f"{desk.store}/house", {"slow_s": 30})
    await desk.say(desk.mio, "one")
    answer = await desk.mio.request("POST", desk.messages, json={"text": "two"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert answer.json()["error"]["params"] == {"retry_after": 30.0, "slow_s": 30}
    await desk.keeper.ask("PATCH", f"{desk.store}/house", {"slow_s": 0, "followers_only": True})
    assert await desk.mio.refused("POST", desk.messages, {"text": "two"}) == (403, "room.followers_only", {})
    await desk.mio.ask("PUT", f"{desk.store}/follow")
    await desk.keeper.ask("PUT", f"{desk.store}/timeouts/{desk.hall.mio.id}", {"seconds": 60})
    refused = await desk.mio.refused("POST", desk.messages, {"text": "two"})
    assert refused == (403, "room.timed_out", {"until": "2026-11-22T11:01:03Z"})


async def test_a_refused_word_however_it_is_written(desk: Desk) -> None:
    for word in ("ばか", "spam"):
        await desk.keeper.ask("POST", f"{desk.store}/words", {"word": word})
    for written in (
        *("ばか", "バカ", "ﾊﾞｶ", "ば か", "ば・か", "ば\u200bか", "ばーか", "は\u3099か", "🤬バ🤬カ🤬", "そんなばかな"),
        *("Spam", "ＳＰＡＭ", "s p a m", "s-p-a-m"),
    ):
        refused = await desk.mio.refused("POST", desk.messages, {"text": written})
        assert refused == (409, "room.word_refused", {}), written
        desk.hall.festival.clock.advance(3)
    assert not (await desk.say(desk.keeper, "ばか"))["quiet"]


async def test_a_shielded_line_reaches_its_author_and_the_staff_alone(desk: Desk) -> None:
    people = await desk.hall.listeners()
    asked = ["もう少し安くなりませんか?", "１０００円になりませんか", "ねさげ お願いします", "can you do 1000?", "ﾏｹﾃ"]
    for text in asked:
        line = await desk.say(desk.mio, text, question=True)
        assert (line["text"], line["quiet"], line["question"]) == (text, True, False)
    await desk.say(desk.ren, "きれい")
    for listener in people.values():
        await listener.settle()
    assert [heard(people[name]) for name in ("keeper", "mio")] == [[*asked, "きれい"]] * 2
    assert [heard(people[name]) for name in ("ren", "visitor")] == [["きれい"]] * 2
    assert people["keeper"].now.questions == []
    for who, texts in ((desk.mio, [*asked, "きれい"]), (desk.ren, ["きれい"]), (desk.visitor, ["きれい"])):
        snapshot = await who.ask("GET", f"/shows/{desk.hall.show_id}/snapshot")
        assert [seen["text"] for seen in snapshot["lines"]] == texts


async def test_the_operators_words_and_reports(desk: Desk) -> None:
    (word,) = await desk.operator.ask("POST", "/house/words", {"word": "さぎ"})
    assert await desk.mio.refused("POST", desk.messages, {"text": "サギ"}) == (409, "room.word_refused", {})
    assert await desk.operator.ask("GET", "/house/words") == [word]
    desk.hall.festival.clock.advance(1)
    assert await desk.operator.ask("DELETE", f"/house/words/{word['id']}") == []
    line = await desk.say(desk.keeper, "よそで買って")
    await desk.mio.ask("POST", f"/shows/{desk.hall.show_id}/lines/{line['id']}/reports", {"reason": "fraud"})
    (report,) = await desk.operator.ask("GET", "/house/reports")
    assert report["reporter"] == {"id": desk.hall.mio.id, "name": "Buyer0"}
    assert report["store"] == {"id": desk.hall.store_id, "name": "みずのわ商店"}
    acts = await desk.operator.ask("GET", "/house/acts")
    assert [(act["act"], act["detail"]) for act in acts] == [
        ("word.removed", {"word": "さぎ"}),
        ("word.added", {"word": "さぎ"}),
    ]


async def test_a_line_taken_out_over_http_is_gone_for_good(desk: Desk) -> None:
    people = await desk.hall.listeners()
    line = await desk.say(desk.mio, "わるい")
    path = f"/shows/{desk.hall.show_id}/lines/{line['id']}"
    for _ in range(2):
        assert (await desk.keeper.request("DELETE", path)).status_code == 204
    await people["visitor"].settle()
    assert people["visitor"].now.lines == []
    (act,) = await desk.keeper.ask("GET", f"{desk.store}/acts")
    assert (act["act"], act["line"]) == ("line.removed", {"id": line["id"], "text": "わるい"})
