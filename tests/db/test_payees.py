"""Stores' own accounts at Stripe: opened, watched, paid into, given back from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.people import People, people_on
from tests.support.stripe_house import OK_CARD, StripeHouse, stripe_house
from tests.support.stripe_world import KEYS

from ennichi.accounts import Account
from ennichi.kit.errors import Forbidden
from ennichi.kit.ids import RandomIds
from ennichi.payments import (
    BankAccount,
    Charge,
    NewCharge,
    PayByCard,
    Payee,
    Payees,
    PaymentService,
    Sent,
    Transfer,
    stripe_gateway,
)
from ennichi.stores import NewStore, Store

BANK = BankAccount(
    bank_code="0143",
    bank_name="ﾊﾁｼﾞｭｳﾆ",
    branch_code="410",
    branch_name="ｱﾂﾞﾐﾉ",
    kind="ordinary",
    number="1234567",
    holder="ﾐｽﾞﾉ ﾜｶ",
)
BACK = "https://market.example/studio/money"


@dataclass
class Fair:
    people: People
    house: StripeHouse
    payees: Payees
    payments: PaymentService
    keeper: Account
    buyer: Account
    store: Store

    async def pay(self, amount: int = 2140) -> Charge:
        """A charge for something of the store."""
        means = await self.payments.choose(self.buyer.id, PayByCard(token=OK_CARD))
        assert means
        new = NewCharge(account_id=self.buyer.id, amount=amount, means=means, store_id=self.store.id)
        async with self.people.db.transaction() as tx:
            (charge,) = await self.payments.begin(tx, [new])
        return await self.payments.settle(charge.id, await self.payments.ask(charge))

    def asked(self, path: str) -> dict[str, object]:
        """The last request to this path."""
        return next(given for method, at, given in reversed(self.house.requests) if (method, at) == ("POST", path))


@pytest.fixture
async def fair(db_url: str, tmp_path: Path) -> AsyncIterator[Fair]:
    async with people_on(db_url, tmp_path) as people, stripe_house(people.clock) as (house, address):
        gateway = stripe_gateway(people.db, people.clock, KEYS, api_base=address)
        payees = Payees(people.db, people.clock, gateway, stores=people.stores, fee_bps=500)
        payments = PaymentService(people.db, people.clock, RandomIds(people.clock), gateway, payees=payees)
        keeper = await people.person("Wakako")
        store = await people.stores.open(keeper, NewStore(name="みずのわ商店", handle="mizunowa"))
        try:
            yield Fair(people, house, payees, payments, keeper, await people.person("Mio"), store)
        finally:
            await payments.stop()


async def test_money_stays_with_the_market_until_the_account_is_ready(fair: Fair) -> None:
    assert await fair.payees.mine(fair.keeper, fair.store.id) == Payee(state="none")
    link = await fair.payees.open(fair.keeper, fair.store.id, BACK)
    assert link.url.startswith("https://connect.stripe.com/")
    assert await fair.payees.mine(fair.keeper, fair.store.id) == Payee(state="begun")
    charge = await fair.pay()
    assert (charge.state, charge.destination, charge.fee) == ("succeeded", None, 0)
    assert "transfer_data" not in fair.asked("/v1/payment_intents")


async def test_money_goes_to_the_store_less_the_fee_and_comes_back_from_there(fair: Fair) -> None:
    await fair.payees.open(fair.keeper, fair.store.id, BACK)
    (account,) = fair.house.accounts
    fair.house.verify(account)
    assert await fair.payees.mine(fair.keeper, fair.store.id) == Payee(state="ready")
    charge = await fair.pay()
    assert (charge.destination, charge.fee) == (account, 107 + 10)
    asked = fair.asked("/v1/payment_intents")
    assert (asked["transfer_data"], asked["application_fee_amount"]) == ({"destination": account}, "117")
    async with fair.people.db.transaction() as tx:
        await fair.payments.refund(tx, charge.id, 480, id="refund-1")
    await fair.payments.work_refunds()
    back = fair.asked("/v1/refunds")
    assert (back["reverse_transfer"], back["refund_application_fee"]) == ("true", "true")
    transfer = Transfer(id="payout-1", store_id=fair.store.id, amount=900, bank=BANK)
    assert isinstance(await fair.payments.payout(transfer), Sent)
    assert fair.asked("/v1/payouts")["amount"] == "900"


async def test_an_account_is_opened_once_and_watched(fair: Fair) -> None:
    await fair.payees.open(fair.keeper, fair.store.id, BACK)
    await fair.payees.open(fair.keeper, fair.store.id, BACK)
    (account,) = fair.house.accounts
    fair.house.verify(account)
    fair.people.clock.advance(601)
    await fair.payees.refresh()
    assert (await fair.pay()).destination == account
    fair.house.accounts[account]["capabilities"] = {"transfers": "inactive"}
    fair.people.clock.advance(601)
    await fair.payees.refresh()
    assert (await fair.pay()).destination is None


async def test_only_keepers_open_it(fair: Fair) -> None:
    with pytest.raises(Forbidden):
        await fair.payees.open(fair.buyer, fair.store.id, BACK)
    with pytest.raises(Forbidden):
        await fair.payees.mine(fair.buyer, fair.store.id)
    assert fair.house.accounts == {}
