"""Whatever buyers, their banks, counters and crashes do in whatever order: money and units agree in the end."""

import asyncio
import contextlib
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tests.support.buying import LOST, NO_PROOF, PROOF, bowl_of
from tests.support.trade import ADDRESS, DECLINES, GOOD, Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing
from ennichi.checkout import NewHold, NewPurchase
from ennichi.kit.errors import Conflict, NotFound
from ennichi.payments import Pay, PayByCard, PayByKonbini

BUYERS = 3
STOCK = 5
SCENES = itertools.count(1)
CARDS = {"good": GOOD, "declines": DECLINES, "proof": PROOF, "no_proof": NO_PROOF, "lost": LOST}
PURCHASES = {
    "confirming": ("paying", "action_required"),
    "sold": ("paid", "awaiting"),
    "returned": ("paid", "awaiting", "declined"),
}
"""States of the purchase a hold is in by the hold's; in any other the hold is in none."""
Step = tuple[str, int, str]

buyer = st.integers(0, BUYERS - 1)
step = st.one_of(
    st.tuples(st.just("hold"), buyer, st.sampled_from(["food", "bowl", "white"])),
    st.tuples(st.just("buy"), buyer, st.sampled_from([*CARDS, "konbini"])),
    st.tuples(st.just("again"), buyer, st.just("")),
    st.tuples(st.just("page"), buyer, st.sampled_from(["approve", "fail", "pay", "expire"])),
    st.tuples(st.just("continue"), buyer, st.just("")),
    st.tuples(st.just("give_up"), buyer, st.just("")),
    st.tuples(st.just("messages"), st.just(0), st.just("")),
    st.tuples(st.just("crash"), st.just(0), st.sampled_from(["before", "after", ""])),
    st.tuples(st.just("time"), st.sampled_from([10, 40, 301, 1000]), st.just("")),
)


class Market:
    """A stall, three buyers with baskets, and a gateway that now and then falls over."""

    def __init__(
        self, trade: Trade, goods: tuple[Listing, Listing], buyers: list[Account], cards: dict[str, Pay]
    ) -> None:
        self.trade, self.buyers, self.cards = trade, buyers, cards
        food, bowl = goods
        self.variants = {"food": food.variants[0].id, "bowl": bowl.variants[0].id, "white": bowl.variants[1].id}
        self.holds: dict[int, set[str]] = {who: set() for who in range(BUYERS)}
        self.asked: dict[int, tuple[NewPurchase, str]] = {}

    async def act(self, kind: str, who: int, what: str) -> None:
        with contextlib.suppress(Conflict, NotFound):  # what business facts refuse is part of the game
            await getattr(self, f"_{kind}")(who, what)

    async def _hold(self, who: int, what: str) -> None:
        wanted = NewHold(variant_id=self.variants[what], quantity=1 + who)
        self.holds[who].add((await self.trade.checkout.take(self.buyers[who], wanted, self.trade.key())).id)

    async def _buy(self, who: int, what: str) -> None:
        held = [
            hold
            for hold in [await self.trade.checkout.get(self.buyers[who], one) for one in self.holds[who]]
            if hold.state == "held"
        ]
        if held:
            ids = [hold.id for hold in held]
            quote = await self.trade.checkout.quote(self.buyers[who], ids, ADDRESS.prefecture)
            wanted = NewPurchase(hold_ids=ids, address=ADDRESS, pay=self.cards[what], total=quote.totals.total)
            self.asked[who] = (wanted, self.trade.key())
            await self._again(who, "")

    async def _again(self, who: int, _: str) -> None:
        if who in self.asked:
            wanted, key = self.asked[who]
            await self.trade.checkout.buy(self.buyers[who], wanted, key)

    async def _page(self, who: int, what: Any) -> None:
        for row in await self.rows(
            "select c.reference from charges c where c.account_id = %s and c.reference is not null"
            " and c.state in ('action_required', 'awaiting')", [self.buyers[who].id]
        ):  # fmt: skip
            await self.trade.gateway.step(row[0], what)

    async def _continue(self, who: int, _: str) -> None:
        for purchase_id in await self._purchases(who):
            await self.trade.checkout.go_on(self.buyers[who], purchase_id)

    async def _give_up(self, who: int, _: str) -> None:
        for purchase_id in await self._purchases(who):
            await self.trade.checkout.give_up(self.buyers[who], purchase_id)

    async def _messages(self, *_: object) -> None:
        await self.trade.gateway.send_messages()
        await self.trade.payments.work_webhooks()

    async def _crash(self, _: int, what: str) -> None:
        self.trade.gateway.crash = what or None

    async def _time(self, seconds: int, _: str) -> None:
        self.trade.people.clock.advance(seconds)
        await self.trade.payments.reconcile()
        await self.trade.payments.work_refunds()
        await self.trade.checkout.expire()

    async def _purchases(self, who: int) -> list[str]:
        rows = await self.rows("select id from purchases where account_id = %s order by id", [self.buyers[who].id])
        return [row[0] for row in rows]

    async def rows(self, sql: str, params: list[Any]) -> list[Any]:
        """What the database says."""
        async with self.trade.people.db.read() as conn:
            return await (await conn.execute(sql, params)).fetchall()

    async def check(self) -> None:
        """What is always so."""
        ids = [one.id for one in self.buyers]
        held: Counter[str] = Counter()
        for variant, units, state, purchase in await self.rows(
            "select h.variant_id, h.quantity, h.state, p.state from holds h left join purchases p"
            " on p.id = h.purchase_id where h.account_id = any(%s)", [ids]
        ):  # fmt: skip
            if state in ("held", "confirming"):
                held[variant] += units
            assert purchase in PURCHASES.get(state, (None,)), (state, purchase)
        for variant, stocked, available, now_held, sold in await self.rows(
            "select id, stocked, available, held, sold from variants where id = any(%s)", [list(self.variants.values())]
        ):  # fmt: skip
            assert (stocked, stocked) == (available + now_held + sold, STOCK)
            assert now_held == held[variant]

    async def check_the_end(self) -> None:
        """When everything has come to rest, each yen taken is in an order or on its way back."""
        self.trade.gateway.crash = None
        for _ in range(3):
            await self._time(60, "")
            await self._messages()
        await self._time(20 * 24 * 3600, "")
        await self._messages()
        ids = [one.id for one in self.buyers]
        (open_ones,) = await self.rows(
            "select count(*) from purchases where account_id = any(%s)"
            " and state in ('paying', 'action_required', 'awaiting')", [ids]
        )  # fmt: skip
        assert open_ones == (0,)
        (taken,) = await self.rows(
            "select coalesce(sum(s.amount), 0)::bigint from sandbox_payments s join charges c"
            " on c.id = s.idempotency_key where c.account_id = any(%s) and s.state = 'captured'", [ids]
        )  # fmt: skip
        (back,) = await self.rows(
            "select coalesce(sum(r.amount), 0)::bigint from refunds r join charges c on c.id = r.charge_id"
            " where c.account_id = any(%s)", [ids]
        )  # fmt: skip
        (owed,) = await self.rows(
            "select coalesce(sum(total), 0)::bigint from orders where account_id = any(%s) and state = 'paid'", [ids]
        )  # fmt: skip
        assert taken[0] - back[0] == owed[0]
        units = await self.rows(
            "select l.variant_id, sum(l.quantity)::bigint from order_lines l join orders o on o.id = l.order_id"
            " where o.account_id = any(%s) and o.state = 'paid' group by 1 order by 1", [ids]
        )  # fmt: skip
        sold = await self.rows(
            "select id, sold from variants where id = any(%s) and sold > 0 order by 1", [list(self.variants.values())]
        )
        assert units == sold


async def play(trade: Trade, steps: list[Step]) -> None:
    n = next(SCENES)
    trade.gateway.crash = None
    keeper = await trade.people.person(f"Keeper{n}")
    store = await trade.stall(keeper, f"stall-{n}")
    cards: dict[str, Pay] = {name: PayByCard(token=await trade.token(number)) for name, number in CARDS.items()}
    market = Market(
        trade,
        (await trade.listing(keeper, store, STOCK), await bowl_of(trade, keeper, store, STOCK)),
        [await trade.people.person(f"Buyer{n}-{k}") for k in range(BUYERS)],
        {**cards, "konbini": PayByKonbini()},
    )
    for first, second in itertools.zip_longest(steps[::2], steps[1::2]):
        await asyncio.gather(*[market.act(*one) for one in (first, second) if one])
        await market.check()
    await market.check_the_end()


def test_money_and_units_agree(db_url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("ennichi.checkout.service.buying.WAIT_SECONDS", 0.1)
    with asyncio.Runner() as runner, capture_logs():
        built = trade_on(db_url, tmp_path)
        trade = runner.run(built.__aenter__())

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(steps=st.lists(step, min_size=4, max_size=20))
        def examples(steps: list[Step]) -> None:
            runner.run(play(trade, steps))

        try:
            examples()
        finally:
            runner.run(built.__aexit__(None, None, None))
