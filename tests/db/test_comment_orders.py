"""Orders by comment: which lines take holds, for whom, and what nobody else hears of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.festival import Festival, Listener, festival_on

from ennichi.accounts import Account
from ennichi.checkout.commenting import WISHES


class Stand:
    """A live show with water (number 1, two left) and shirts in two colours (number 2)."""

    def __init__(self, festival: Festival, show_id: str) -> None:
        self.festival = festival
        self.show_id = show_id
        self.mio, self.ren = festival.buyers[:2]

    async def say(self, who: Account, text: str, *, question: bool = False) -> None:
        """Say something, and wait until what it orders is held."""
        self.festival.clock.advance(3)
        await self.festival.app.room.say(who, self.show_id, text, question=question)
        await self.festival.app.comment_orders.stop()

    async def held(self, who: Account) -> dict[str, int]:
        """What somebody holds: how many of each."""
        mine = (await self.festival.snapshot(self.show_id, who))["mine"]
        return {hold["listing"]["title"] + hold["variant"]["name"]: hold["quantity"] for hold in mine["holds"]}


@pytest.fixture
async def stand(db_url: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with festival_on(db_url, tmp_path) as festival:
        listings = [await festival.listing("水", {"": 2}), await festival.listing("服", {"赤": 5, "青": 5})]
        yield Stand(festival, await festival.live_show(listings))


async def test_a_line_takes_the_hold_and_tells_why(stand: Stand) -> None:
    listener = Listener(stand.festival, stand.show_id, stand.mio)
    await listener.connect()
    await stand.say(stand.mio, "1 +1")
    async with asyncio.timeout(5):
        # Buyers are told after the commit, and after the answer.
        while True:
            whys = [event["why"] for event in listener.heard if event["type"] == "hold"]
            if whys:
                break
            await asyncio.sleep(0.01)
    assert whys == ["comment"]
    assert await stand.held(stand.mio) == {"水": 1}


async def test_several_things_in_one_line(stand: Stand) -> None:
    await stand.say(stand.mio, "１番 2つと2番の赤を1つ")
    assert await stand.held(stand.mio) == {"水": 2, "服赤": 1}


@pytest.mark.parametrize("text", ["1番かわいい", "2番 2つ", "1", "+1 same here", "1 +1?"])
async def test_what_is_no_clear_order_stays_chat(stand: Stand, text: str) -> None:
    await stand.say(stand.mio, text)
    assert await stand.held(stand.mio) == {}


async def test_a_question_orders_nothing(stand: Stand) -> None:
    await stand.say(stand.mio, "1 +1", question=True)
    assert await stand.held(stand.mio) == {}


async def test_what_cannot_be_held_is_told_to_its_author_alone(stand: Stand) -> None:
    listeners = [Listener(stand.festival, stand.show_id, who) for who in (stand.mio, stand.ren, None)]
    for listener in listeners:
        await listener.connect()
    await stand.say(stand.mio, "1 +1")
    await stand.say(stand.ren, "1 ×2")
    for listener in listeners:
        await listener.settle()
    missed = [[event for event in one.heard if event["type"] == "wish_missed"] for one in listeners]
    assert [len(one) for one in missed] == [0, 1, 0]
    assert (missed[1][0]["title"], missed[1][0]["reason"]) == ("水", "sold_out")
    assert await stand.held(stand.ren) == {}


async def test_owners_order_nothing(stand: Stand) -> None:
    await stand.say(stand.festival.keeper, "1 +1")
    assert await stand.held(stand.festival.keeper) == {}


async def test_what_the_blocked_say_orders_nothing(stand: Stand) -> None:
    festival = stand.festival
    await festival.app.moderation.block(festival.keeper, festival.store.id, stand.mio.id)
    await stand.say(stand.mio, "1 +1")
    assert await stand.held(stand.mio) == {}


async def test_before_the_show_nothing_is_ordered(stand: Stand) -> None:
    app = stand.festival.app
    listing = await stand.festival.listing("茶", {"": 3})
    show = await app.shows.create(
        stand.festival.keeper, stand.festival.store.id, title="Later", cover_id=None, planned_at=None,
        listing_ids=[listing],
    )  # fmt: skip
    await app.room.say(stand.mio, show.id, "1 +1")
    await app.comment_orders.stop()
    assert (await stand.festival.snapshot(show.id, stand.mio))["mine"]["holds"] == []


async def test_a_line_taken_out_before_it_is_worked_orders_nothing(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = stand.festival.app.room
    stands = stand.festival.app.comment_orders._stands

    async def removed_meanwhile(show_id: str, line_id: str) -> bool:
        await room.remove_line(show_id, line_id)
        return await stands(show_id, line_id)

    monkeypatch.setattr(stand.festival.app.comment_orders, "_stands", removed_meanwhile)
    await stand.say(stand.mio, "1 +1")
    assert await stand.held(stand.mio) == {}


async def test_said_again_it_sets_the_quantity(stand: Stand) -> None:
    await stand.say(stand.mio, "1 +1")
    await stand.say(stand.mio, "1 ×2")
    assert await stand.held(stand.mio) == {"水": 2}
    await stand.say(stand.mio, "1 +1")
    assert await stand.held(stand.mio) == {"水": 1}


async def test_there_is_a_bound(stand: Stand) -> None:
    listener = Listener(stand.festival, stand.show_id, stand.mio)
    await listener.connect()
    app = stand.festival.app
    for _ in range(WISHES[0]):
        app.limits.take(f"checkout.wishes:{stand.mio.id}", *WISHES)
    await stand.say(stand.mio, "1 +1")
    await listener.settle()
    assert [event["reason"] for event in listener.heard if event["type"] == "wish_missed"] == ["too_fast"]
