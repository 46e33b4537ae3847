"""Many at once, in one process and in two on one database: never one too many, and each key answered once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.trade import Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing
from ennichi.checkout import Hold, NewHold
from ennichi.checkout.service import settlement


@dataclass
class Two:
    """Two processes, as far as the database can tell."""

    one: Trade
    other: Trade
    listings: list[Listing]
    buyers: list[Account]

    async def take(self, n: int, which: int = 0, quantity: int = 1, key: str = "k") -> Hold:
        """A hold of the `which`th listing by the `n`th buyer, through one process or the other."""
        wanted = NewHold(variant_id=self.listings[which].variants[0].id, quantity=quantity)
        trade = self.one if n % 2 else self.other
        return await trade.checkout.take(self.buyers[n % len(self.buyers)], wanted, key)


@pytest.fixture
async def two(db_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    async with trade_on(db_url, tmp_path) as one, trade_on(db_url, tmp_path) as other:
        keeper = await one.people.person("Keeper")
        store = await one.stall(keeper)
        listings = [await one.listing(keeper, store, stock=20) for _ in range(3)]
        buyers = [await one.people.person(f"Buyer{n}") for n in range(60)]
        yield Two(one, other, listings, buyers)


async def test_a_rush_on_two_processes(two: Two) -> None:
    answers = await asyncio.gather(*[two.take(n) for n in range(60)], return_exceptions=True)
    assert Counter(type(answer).__name__ for answer in answers) == {"Hold": 20, "SoldOut": 40}
    assert await two.one.counts(two.listings[0]) == (0, 20, 0)


async def test_several_things_in_every_order(two: Two) -> None:
    asks = [two.take(n, which, key=f"k{which}") for n in range(60) for which in ((0, 1, 2) if n % 2 else (2, 1, 0))]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    assert Counter(type(answer).__name__ for answer in answers) == {"Hold": 60, "SoldOut": 120}
    for listing in two.listings:
        assert await two.one.counts(listing) == (0, 20, 0)


async def test_one_key_at_two_processes(two: Two) -> None:
    buyer = two.buyers[0]
    for n in range(8):
        wanted = [NewHold(variant_id=two.listings[which].variants[0].id) for which in (0, 1)]
        answers = await asyncio.gather(
            *[
                trade.checkout.take(buyer, what, f"k{n}")
                for trade, what in zip((two.one, two.other), wanted, strict=True)
            ],
            return_exceptions=True,
        )
        assert Counter(type(answer).__name__ for answer in answers) == {"Hold": 1, "KeyReused": 1}, answers
        for hold in answers:
            if isinstance(hold, Hold):
                await two.one.checkout.release(buyer, hold.id)


async def test_batches_are_capped_and_everybody_is_answered(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two.one.checkout._settlement._batcher, "_most", 7)
    sizes: list[int] = []
    settle = settlement.Settlement._settle

    async def counted(*given: object) -> object:
        sizes.append(len(given[2]))  # type: ignore[arg-type]
        return await settle(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(settlement.Settlement, "_settle", counted)
    wanted = NewHold(variant_id=two.listings[0].variants[0].id)
    answers = await asyncio.gather(
        *[two.one.checkout.take(buyer, wanted, "k") for buyer in two.buyers], return_exceptions=True
    )
    assert Counter(type(answer).__name__ for answer in answers) == {"Hold": 20, "SoldOut": 40}
    assert max(sizes) == 7
    assert sum(sizes) == 60


async def test_first_come_first_served(two: Two) -> None:
    wanted = NewHold(variant_id=two.listings[0].variants[0].id)
    answers = await asyncio.gather(
        *[two.one.checkout.take(buyer, wanted, "k") for buyer in two.buyers], return_exceptions=True
    )
    assert [isinstance(answer, Hold) for answer in answers] == [True] * 20 + [False] * 40


async def test_a_bad_one_among_good_ones(two: Two) -> None:
    good = NewHold(variant_id=two.listings[0].variants[0].id)
    # What no column takes: nothing a client can send, but no reason for others to fail.
    bad = NewHold(variant_id=good.variant_id, quantity=10**12)
    asks = [two.one.checkout.take(two.buyers[n], bad if n == 3 else good, "k") for n in range(8)]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    assert [isinstance(answer, Hold) for answer in answers] == [n != 3 for n in range(8)]


async def test_who_hangs_up_has_a_hold_or_none(two: Two) -> None:
    wanted = NewHold(variant_id=two.listings[0].variants[0].id)
    tasks = [asyncio.ensure_future(two.one.checkout.take(buyer, wanted, "k")) for buyer in two.buyers[:10]]
    await asyncio.sleep(0.001)
    for task in tasks[:5]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await two.one.checkout.stop()
    available, held, _ = await two.one.counts(two.listings[0])
    assert available + held == 20
    assert 5 <= held <= 10
    again = await two.one.checkout.take(two.buyers[0], wanted, "k")
    assert again.state == "held"
