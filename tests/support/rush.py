"""A rush on a stall: many buyers who take, wait, let go and pay, and who remember every answer they were given.

Whatever a server that was killed had answered before must be true afterwards. What it had not answered is asked again
with the same key, until it is answered, and once more.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
from tests.support.books import rows
from tests.support.fair import Fair
from tests.support.waiting import PATIENCE_S, until

MIX = {"good": 6, "declined": 1, "wants_proof": 1, "loses_its_answer": 1, "noisy": 1, "konbini": 1}


@dataclass(frozen=True)
class Sent:
    """A request that may be sent again."""

    path: str
    body: dict[str, Any]
    key: str


@dataclass
class Kept:
    """A hold somebody was told of: the states and quantities it may be in by what they know, and until when."""

    variant_id: str
    may_be: set[tuple[str, int]]
    expires_at: datetime

    def is_well(self, state: str, quantity: int) -> bool:
        """Whether it may be like this now."""
        over = self.expires_at <= datetime.now(UTC)
        return (state, quantity) in self.may_be or (state == "expired" and over)


@dataclass
class Buyer:
    """One of the crowd, who sends one request after the other to one of the servers."""

    name: str
    client: httpx.AsyncClient
    doors: Sequence[str]
    fair: Fair
    dice: random.Random
    holds: dict[str, Kept] = field(default_factory=dict)
    answered: list[tuple[Sent, str]] = field(default_factory=list)
    """What was answered with something made, and its id."""
    orders: dict[str, str] = field(default_factory=dict)
    """State by id of the orders they were told of."""
    waits: list[str] = field(default_factory=list)
    unanswered: list[Sent] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    began: dict[str, datetime] = field(default_factory=dict)
    """When a key was first used."""
    _door: int = 0
    _keys: int = 0

    async def shop(self, stop: asyncio.Event) -> None:
        """One thing after the other, until the round is over."""
        while not stop.is_set():
            takes = [sent for sent in self.unanswered if sent.path != "/purchases"]
            for sent in takes:
                await self.again(sent)
            what = self.dice.choices((self.take, self.wait, self.release, self.buy), (4, 1, 1, 3))[0]
            await what()
            await asyncio.sleep(self.dice.random() * 0.02)

    async def take(self) -> None:
        """Have something kept."""
        await self._send(self._new("/holds"))

    async def wait(self) -> None:
        """Stand in line for what all want."""
        await self._send(self._new("/waits", hot=1.0))

    async def release(self) -> None:
        """Let something go."""
        if not (held := self._held()):
            return
        hold_id = self.dice.choice(held)
        quantity = self._quantity(hold_id)
        self.holds[hold_id].may_be.add(("released", quantity))
        if (answer := await self.ask("DELETE", f"/holds/{hold_id}")) is not None and answer.is_success:
            self.holds[hold_id].may_be = {("released", quantity)}

    async def buy(self) -> None:
        """Pay for one thing or two."""
        if not (held := self._held()):
            return
        wanted = self.dice.sample(held, min(len(held), self.dice.randint(1, 2)))
        quote = await self.ask("POST", "/quotes", {"hold_ids": wanted})
        if quote is None or not quote.is_success:
            return
        how = self.dice.choices(list(MIX), list(MIX.values()))[0]
        pay = {"type": "konbini"} if how == "konbini" else {"type": "card", "token": self.fair.cards[how]}
        body = {"hold_ids": wanted, "pay": pay, "total": quote.json()["totals"]["total"]}
        await self._send(Sent("/purchases", body, self._key()))

    async def again(self, sent: Sent) -> None:
        """What was not answered is asked again with its key; once answered, the answer stays the same."""
        before = len(self.unanswered)
        self.unanswered.remove(sent)
        first = await self._send(sent)
        if len(self.unanswered) == before or first is None:
            return
        second = await self.ask("POST", sent.path, sent.body, sent.key)
        if second is not None and first.is_success and self._made_by(sent, first.json()):
            assert second.is_success, f"{sent}: {first.text}, then {second.status_code} {second.text}"
            assert second.json()["id"] == first.json()["id"], sent

    async def give_up(self, unproved: Container[str]) -> None:
        """Of the purchases that still want a proof, let go of those they know to be theirs."""
        for sent, made in self.answered:
            if sent.path == "/purchases" and made in unproved:
                assert (await self.sure("DELETE", f"/purchases/{made}"))["state"] == "given_up"

    async def repeat(self, sent: Sent, known: str) -> None:
        """What was answered once is answered the same again."""
        answer = await self.ask("POST", sent.path, sent.body, sent.key)
        assert answer is not None, f"no answer to {sent}"
        if answer.status_code != 429:
            assert answer.is_success, f"{sent} made {known}, and is now answered {answer.status_code} {answer.text}"
            assert answer.json()["id"] == known, f"{sent} made {known}, and now {answer.json()['id']}"

    async def basket(self, card: str, key: str = "basket") -> dict[str, Any]:
        """A purchase of one thing that there is plenty of, to be sent."""
        wanted = {"variant_id": self.fair.variants[-1], "quantity": 1}
        hold = await self.sure("POST", "/holds", wanted, key)
        quote = await self.sure("POST", "/quotes", {"hold_ids": [hold["id"]]})
        pay = {"type": "card", "token": self.fair.cards[card]}
        return {"hold_ids": [hold["id"]], "pay": pay, "total": quote["totals"]["total"]}

    async def sure(self, method: str, path: str, body: Any = None, key: str = "", **more: Any) -> Any:
        """The JSON of an answer that must be a good one."""
        answer = await self.ask(method, path, body, key, **more)
        assert answer is not None, f"{method} {path} is not answered"
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def ask(
        self, method: str, path: str, body: Any = None, key: str = "", headers: Mapping[str, str] | None = None
    ) -> httpx.Response | None:
        """An answer, or None when there was nobody, or somebody whose database was away."""
        url = self.doors[self._door % len(self.doors)]
        sent = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        try:
            answer = await self.client.request(method, f"{url}/api/v1{path}", json=body, headers=sent)
        except httpx.TransportError:
            self._door += 1
            self.told["nobody there"] += 1
            await asyncio.sleep(0.05)
            return None
        self.told[f"{method} {path.split('/')[1]} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            await asyncio.sleep(0.05)
            return None
        return answer

    async def _send(self, sent: Sent) -> httpx.Response | None:
        before = {hold_id: set(kept.may_be) for hold_id, kept in self.holds.items()}
        self._about_to(sent)
        self.began.setdefault(sent.key, datetime.now(UTC))
        answer = await self.ask("POST", sent.path, sent.body, sent.key)
        if answer is None or _code(answer) in ("payment.unsettled", "limits.too_fast"):
            self.unanswered.append(sent)
        elif answer.is_success:
            made = answer.json()
            if (sent, made["id"]) not in self.answered and self._made_by(sent, made):
                self.answered.append((sent, made["id"]))
            await self._learn(sent, made)
        else:
            for hold_id, may_be in before.items():
                self.holds[hold_id].may_be = may_be
        return answer

    def _about_to(self, sent: Sent) -> None:
        """From now on it may have happened."""
        if sent.path == "/purchases":
            for hold_id in sent.body["hold_ids"]:
                kept = self.holds[hold_id]
                kept.may_be |= {(state, n) for _, n in kept.may_be for state in ("held", "confirming", "sold")}
            return
        for kept in self.holds.values():
            if kept.variant_id == sent.body["variant_id"] and "held" in {state for state, _ in kept.may_be}:
                kept.may_be.add(("held", sent.body["quantity"]))

    async def _learn(self, sent: Sent, made: dict[str, Any]) -> None:
        if sent.path == "/holds":
            self._is(made)
        elif sent.path == "/waits":
            self.waits.append(made["id"])
            hold = await self.ask("GET", f"/holds/{made['hold_id']}") if made["hold_id"] else None
            if hold is not None and hold.is_success:
                self._is(hold.json())
        elif made["order_id"]:
            self.orders[made["order_id"]] = "placed" if made["state"] == "awaiting" else "paid"
            self._become(sent.body["hold_ids"], "sold")
        elif made["state"] == "action_required" and self.dice.random() < 0.8:
            await self.ask("POST", made["action"]["url"] + "/approve")
            done = await self.ask("POST", f"/purchases/{made['id']}/continue")
            if done is not None and done.is_success and done.json()["order_id"]:
                await self._learn(sent, done.json())

    def _made_by(self, sent: Sent, made: dict[str, Any]) -> bool:
        """Whether it was this request's doing: who stands in line already is only told of the place they have."""
        return sent.path != "/waits" or datetime.fromisoformat(made["asked_at"]) >= self.began[sent.key]

    def _is(self, hold: dict[str, Any]) -> None:
        ends = datetime.fromisoformat(hold["expires_at"])
        self.holds[hold["id"]] = Kept(hold["variant"]["id"], {(hold["state"], hold["quantity"])}, ends)

    def _become(self, hold_ids: list[str], state: str) -> None:
        for hold_id in hold_ids:
            self.holds[hold_id].may_be = {(state, n) for _, n in self.holds[hold_id].may_be}

    def _held(self) -> list[str]:
        """Holds they know to be theirs."""
        return [one for one, kept in self.holds.items() if len(kept.may_be) == 1 and self._state(one) == "held"]

    def _state(self, hold_id: str) -> str:
        return next(iter(self.holds[hold_id].may_be))[0]

    def _quantity(self, hold_id: str) -> int:
        return next(iter(self.holds[hold_id].may_be))[1]

    def _new(self, path: str, hot: float = 0.5) -> Sent:
        scarce, *plenty = self.fair.variants
        variant = scarce if self.dice.random() < hot else self.dice.choice(plenty)
        body = {"variant_id": variant, "quantity": self.dice.randint(1, 2), "show_id": self.fair.show_id}
        return Sent(path, body, self._key())

    def _key(self) -> str:
        self._keys += 1
        return f"{self.name}-{self._keys}"


class Crowd:
    """All of them, and one more who comes when the rush is over and has nothing yet."""

    def __init__(self, fair: Fair, doors: Sequence[str]) -> None:
        self.fair = fair
        *self.buyers, self.last = [
            Buyer(f"b{n}", _client(token, n), doors, fair, random.Random(n)) for n, token in enumerate(fair.buyers)
        ]
        self.sales = 0

    async def rush(self, strike: Callable[[], object], *, answers: int = 50, after: float = 0.0) -> None:
        """Let them all in; in the middle of it, strike; `after` so many seconds more it is over."""
        stop = asyncio.Event()
        aim = self.acknowledged + answers
        shopping = [asyncio.create_task(buyer.shop(stop)) for buyer in self.buyers]
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.acknowledged < aim and not any(task.done() for task in shopping):  # noqa: ASYNC110 (many ring)
                    await asyncio.sleep(0.005)
            strike()
            await asyncio.sleep(after)
        finally:
            stop.set()
            await asyncio.gather(*shopping)

    @property
    def acknowledged(self) -> int:
        """How many requests were answered with something made."""
        return sum(len(buyer.answered) for buyer in self.buyers)

    @property
    def told(self) -> Counter[str]:
        """How often they were told what."""
        return sum((buyer.told for buyer in self.buyers), Counter())

    async def repeat(self, most: int = 2) -> None:
        """The last that each was answered is answered the same again."""
        await asyncio.gather(*(buyer.repeat(*one) for buyer in self.buyers for one in buyer.answered[-most:]))

    def check(self, url: str) -> None:
        """Everything anybody was told is so."""
        states = {row[0]: row[1:] for row in rows(url, "select id, state, quantity from holds")}
        orders = {row[0]: row[1] for row in rows(url, "select id, state from orders")}
        waits = {row[0] for row in rows(url, "select id from waits")}
        for buyer in self.buyers:
            for hold_id, kept in buyer.holds.items():
                assert hold_id in states, f"hold {hold_id} of {buyer.name} is lost"
                assert kept.is_well(*states[hold_id]), f"hold {hold_id}: {kept} and is {states[hold_id]}"
            for order_id, state in buyer.orders.items():
                assert orders.get(order_id) == state, f"order {order_id}: {state} and is {orders.get(order_id)}"
            assert set(buyer.waits) <= waits, f"a place of {buyer.name} in the line is lost"
        stocked = {row[0]: row[1] for row in rows(url, "select id, stocked from variants")}
        assert stocked == self.fair.stocked

    async def come_to_an_end(self, url: str) -> None:
        """Everything under way is finished; what was never answered is asked again, until it is."""
        await no_charge_is_open(url)
        async with asyncio.timeout(PATIENCE_S):
            while any(buyer.unanswered for buyer in self.buyers):
                await asyncio.gather(*(buyer.again(buyer.unanswered[0]) for buyer in self.buyers if buyer.unanswered))
        await no_charge_is_open(url)
        unproved = proofs_to_come(url)
        await asyncio.gather(*(buyer.give_up(unproved) for buyer in self.buyers))
        assert not rows(url, "select id, purchase_id from holds where state = 'confirming'"), "a purchase is stuck"
        idle = "select w.id from waits w join variants v on v.id = w.variant_id where w.state = 'waiting'"
        assert not rows(url, f"{idle} and v.available > 0"), "somebody waits for what is to be had"

    async def one_more_sale(self) -> None:
        """The last one buys; it is sent, and has come."""
        buyer = self.last
        self.sales += 1
        body = await buyer.basket("good", f"one-more-hold-{self.sales}")
        order_id = (await buyer.sure("POST", "/purchases", body, f"one-more-purchase-{self.sales}"))["order_id"]
        seller = {"Authorization": f"Bearer {self.fair.seller}"}
        await buyer.sure("POST", f"/orders/{order_id}/ship", {"carrier": "yamato"}, headers=seller)
        assert (await buyer.sure("POST", f"/orders/{order_id}/receive", {}))["state"] == "received"

    async def leave(self) -> None:
        """Everybody goes."""
        for buyer in (*self.buyers, self.last):
            await buyer.client.aclose()


async def no_charge_is_open(url: str) -> None:
    """Wait until it is known of every charge what became of it.

    No request to the gateway is on its way here, so the half minute after which one may be sure of that is skipped.
    """
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "update charges set created_at = created_at - interval '1 minute', look_at = least(look_at, now())"
            " where state = 'pending'"
        )
        # Whoever was killed while looking at one had put the next look off.
        conn.execute("update charges set look_at = now() where state = 'action_required'")
    proved = (
        "select c.id from charges c join sandbox_payments p on p.idempotency_key = c.id"
        " where c.state = 'action_required' and p.state not in ('action_required', 'cancelled')"
    )
    await until(lambda: not rows(url, "select id from charges where state = 'pending'") and not rows(url, proved))


def proofs_to_come(url: str) -> set[str]:
    """Purchases whose buyer has not gone to prove to the bank who they are: their holds wait for that."""
    return {row[0] for row in rows(url, "select id from purchases where state = 'action_required'")}


def _client(token: str, number: int) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": f"198.51.100.{number % 250 + 1}"}
    return httpx.AsyncClient(headers=headers, trust_env=False, timeout=20)


def _code(answer: httpx.Response) -> str:
    return "" if answer.is_success else str(answer.json()["error"]["code"])
