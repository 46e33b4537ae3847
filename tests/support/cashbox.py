"""Payments alone on a test's database, with a gateway that can fall over at any point."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.houses import NUMBERS, no_time
from tests.support.people import People, people_on

from ennichi.accounts import Account
from ennichi.kit.ids import RandomIds
from ennichi.payments import (
    Answer,
    Ask,
    Captured,
    Charge,
    Declined,
    GatewaySilent,
    Means,
    NewCharge,
    Outcome,
    Outflow,
    PayByCard,
    PaymentService,
    PaymentsSettled,
    Refund,
    RefundsSettled,
    SandboxGateway,
    Settled,
    Sought,
)


class ShakyGateway(SandboxGateway):
    """The sandbox, silent at the points in `silent`: before or after it did what it was asked for."""

    def __init__(self, people: People) -> None:
        super().__init__(people.db, people.clock, RandomIds(people.clock), sleep=no_time)
        self.silent: set[str] = set()

    async def authorise(self, ask: Ask) -> Answer:
        self._pass("before authorise")
        answer = await super().authorise(ask)
        self._pass("after authorise")
        return answer

    async def capture(self, reference: str, amount: int, key: str) -> Captured | Declined:
        self._pass("before capture")
        answer = await super().capture(reference, amount, key)
        self._pass("after capture")
        return answer

    async def cancel(self, reference: str, key: str) -> Captured | None:
        self._pass("before cancel")
        answer = await super().cancel(reference, key)
        self._pass("after cancel")
        return answer

    async def find(self, sought: Sought) -> Answer | None:
        self._pass("find")
        return await super().find(sought)

    async def refund(self, reference: str, amount: int, key: str) -> Outflow:
        self._pass("before refund")
        answer = await super().refund(reference, amount, key)
        self._pass("after refund")
        return answer

    def _pass(self, point: str) -> None:
        if point in self.silent:
            raise GatewaySilent(at=point)


@dataclass
class CashBox:
    """The service, its gateway, a buyer, and what was told."""

    people: People
    gateway: ShakyGateway
    payments: PaymentService
    buyer: Account
    settled: list[Settled] = field(default_factory=list)
    refunded: list[Refund] = field(default_factory=list)

    async def means(self, kind: str = "good") -> Means:
        """A card of the kinds of NUMBERS, or konbini."""
        if kind == "konbini":
            return Means(method="konbini")
        card = await self.gateway.issue(number=NUMBERS[kind], exp_month=12, exp_year=2030, cvc="123")
        means = await self.payments.choose(self.buyer.id, PayByCard(token=card.token))
        assert means
        return means

    async def begin(self, kind: str = "good", *, amount: int = 1480, save: bool = False) -> Charge:
        """A charge that is written down."""
        new = NewCharge(account_id=self.buyer.id, amount=amount, means=await self.means(kind), save=save)
        async with self.people.db.transaction() as tx:
            (charge,) = await self.payments.begin(tx, [new])
        return charge

    async def pay(self, kind: str = "good", *, amount: int = 1480, save: bool = False) -> Charge:
        """A charge that is asked for and settled."""
        charge = await self.begin(kind, amount=amount, save=save)
        return await self.payments.settle(charge.id, await self.payments.ask(charge))

    async def now(self, charge: Charge) -> Charge:
        """The charge as it stands."""
        async with self.people.db.read() as conn:
            return await self.payments.charge(conn, charge.id)

    async def books(self, charge: Charge) -> tuple[int, int]:
        """What the gateway took for a charge and what it gave back of that."""
        async with self.people.db.read() as conn:
            cursor = await conn.execute(
                "select coalesce(sum(p.amount), 0)::bigint, coalesce(sum((select sum(r.amount) from sandbox_refunds r"
                " where r.payment = p.reference)), 0)::bigint from sandbox_payments p"
                " where p.idempotency_key = %s and p.state = 'captured'",
                [charge.id],
            )
            taken, back = await cursor.fetchone() or (0, 0)
        return int(taken), int(back)

    async def give_back(self, charge: Charge, amount: int, refund_id: str) -> Refund:
        """Write a refund down."""
        async with self.people.db.transaction() as tx:
            return await self.payments.refund(tx, charge.id, amount, id=refund_id)

    async def refunds(self, charge: Charge) -> list[Refund]:
        """The refunds of a charge."""
        async with self.people.db.read() as conn:
            return await self.payments.refunds(conn, charge.id)

    async def after(self, seconds: float) -> None:
        """So much later, when every job has had its turn twice."""
        self.people.clock.advance(seconds)
        for _ in range(2):
            await self.gateway.send_messages()
            await self.payments.work_webhooks()
            await self.payments.reconcile()
            await self.payments.work_refunds()

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        async with self.people.db.read() as conn:
            row = await (await conn.execute(f"select count(*) from {table}")).fetchone()
        assert row
        return int(row[0])

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> None:
        """A message comes in."""
        await self.payments.receive("sandbox", body, headers)


def outcomes(settled: list[Settled]) -> list[Outcome | None]:
    """What was told of charges."""
    return [one.outcome for one in settled]


@contextlib.asynccontextmanager
async def cashbox_on(db_url: str, folder: Path) -> AsyncIterator[CashBox]:
    """Payments on the database at `db_url`; nothing runs by itself."""
    async with people_on(db_url, folder) as people:
        gateway = ShakyGateway(people)
        payments = PaymentService(people.db, people.clock, RandomIds(people.clock), gateway)
        till = CashBox(people, gateway, payments, await people.person("Mio"))
        gateway.deliver_to(payments.receive)

        async def settled(event: PaymentsSettled) -> None:
            till.settled += event.settled

        async def refunded(event: RefundsSettled) -> None:
            till.refunded += event.refunds

        people.db.events.after(PaymentsSettled, settled)
        people.db.events.after(RefundsSettled, refunded)
        yield till
        await payments.stop()
