"""Withdrawals: what may be taken out, once; carried out whatever fails; back when the bank cannot."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from tests.support.purse import BANK, Purse, purse_on

from ennichi.kit.errors import Forbidden, Invalid
from ennichi.ledger import (
    NewPayout,
    NoBankAccount,
    NoSender,
    NotByHand,
    Payout,
    PayoutKeyReused,
    PayoutService,
    PayoutTooLarge,
)
from ennichi.stores import StoreNotFound

DAY = date(2026, 11, 22)


@pytest.fixture
async def purse(db_url: str, tmp_path: Path) -> AsyncIterator[Purse]:
    async with purse_on(db_url, tmp_path) as opened:
        await opened.settle(await opened.sale(10_000), reserve_bps=0)
        yield opened


async def withdraw(purse: Purse, amount: int, key: str = "key") -> Payout:
    await purse.payouts.keep_bank_account(purse.keeper, purse.store.id, BANK)
    return await purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=amount), key)


async def later(purse: Purse, seconds: float = 7200) -> None:
    purse.people.clock.advance(seconds)
    await purse.payouts.work()


async def state(purse: Purse) -> list[str]:
    return [one.state for one in (await purse.payouts.money(purse.keeper, purse.store.id)).payouts]


async def test_it_leaves_the_balance_at_once_is_sent_and_arrives(purse: Purse) -> None:
    asked = await withdraw(purse, 5000)
    assert (asked.state, asked.amount, asked.bank.ends, asked.bank.holder) == ("pending", 5000, "321", "ﾐｽﾞﾉ ﾜｶ")
    assert await purse.parts() == (0, 3900, 0, 5000)
    await purse.payouts.work()
    assert await state(purse) == ["sent"]
    assert purse.bank.taken[asked.id].bank.number == "7654321"
    purse.bank.settle(asked.id)
    await later(purse)
    money = await purse.payouts.money(purse.keeper, purse.store.id)
    assert (money.payouts[0].state, money.balance.paid_out, money.balance.on_the_way) == ("settled", 5000, 0)
    assert await purse.account("gateway") == 5000
    assert [moved.state for moved in purse.told] == ["pending", "sent", "settled"]
    assert purse.bank.asked == 1


async def test_what_the_bank_sends_back_is_available_again(purse: Purse) -> None:
    asked = await withdraw(purse, 8900)
    purse.bank.fail(asked.id)
    await purse.payouts.work()
    money = await purse.payouts.money(purse.keeper, purse.store.id)
    assert (money.payouts[0].state, money.payouts[0].reason) == ("failed", "account_closed")
    assert await purse.parts() == (0, 8900, 0, 0)
    await later(purse)
    assert await purse.parts() == (0, 8900, 0, 0)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_silent_bank_is_asked_again_and_never_pays_twice(purse: Purse, when: str) -> None:
    asked = await withdraw(purse, 1000)
    purse.bank.silent = when
    await purse.payouts.work()
    assert await state(purse) == ["pending"]
    assert await purse.parts() == (0, 7900, 0, 1000)
    await purse.payouts.work()
    purse.bank.silent = None
    purse.bank.settle(asked.id)
    await later(purse)
    assert await state(purse) == ["settled"]
    assert list(purse.bank.taken) == [asked.id]
    assert purse.bank.asked <= 2


async def test_one_that_cannot_be_sent_does_not_hold_up_the_others(purse: Purse) -> None:
    first = await withdraw(purse, 1000, "one")
    purse.bank.silent = "before"
    await purse.payouts.work()
    purse.bank.silent = None
    second = await withdraw(purse, 2000, "two")
    await purse.payouts.work()
    assert set(purse.bank.taken) == {second.id}
    await later(purse)
    assert set(purse.bank.taken) == {first.id, second.id}


async def test_several_processes_send_it_once(purse: Purse) -> None:
    await withdraw(purse, 1000)
    await asyncio.gather(*[purse.payouts.work() for _ in range(5)])
    assert purse.bank.asked == 1


async def test_no_more_than_is_available_however_many_ask_at_once(purse: Purse) -> None:
    await purse.payouts.keep_bank_account(purse.keeper, purse.store.id, BANK)
    asked = [purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=3000), f"k{n}") for n in range(6)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Payout) for one in done) == 2
    refused = [one for one in done if isinstance(one, PayoutTooLarge)]
    assert [one.params for one in refused] == [{"available": 2900}] * 4


async def test_the_same_key_withdraws_once(purse: Purse) -> None:
    first = await withdraw(purse, 1000)
    assert await withdraw(purse, 1000) == first
    with pytest.raises(PayoutKeyReused):
        await withdraw(purse, 1001)
    assert await purse.parts() == (0, 7900, 0, 1000)


async def test_a_refund_after_everything_was_withdrawn_is_owed_by_the_store(purse: Purse) -> None:
    order = await purse.sale(1000)
    await purse.settle(order, fee_bps=0, reserve_bps=0)
    await withdraw(purse, 9900)
    await purse.owe(order, 1000)
    assert await purse.parts() == (0, -1000, 0, 9900)
    with pytest.raises(PayoutTooLarge) as refused:
        await withdraw(purse, 1, "another")
    assert refused.value.params == {"available": 0}


async def test_only_members_and_only_with_a_bank_account(purse: Purse) -> None:
    with pytest.raises(NoBankAccount):
        await purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=1), "key")
    stranger = await purse.people.person("Stranger")
    with pytest.raises(Forbidden):
        await purse.payouts.keep_bank_account(stranger, purse.store.id, BANK)
    with pytest.raises(Forbidden):
        await purse.payouts.withdraw(stranger, purse.store.id, NewPayout(amount=1), "key")
    with pytest.raises(Forbidden):
        await purse.payouts.money(stranger, purse.store.id)
    with pytest.raises(StoreNotFound):
        await purse.payouts.money(purse.keeper, "nowhere")


async def test_names_no_bank_can_write_are_named(purse: Purse) -> None:
    wrong = msgspec.structs.replace(BANK, holder="水野わか", branch_name="ア" * 16)
    with pytest.raises(Invalid) as refused:
        await purse.payouts.keep_bank_account(purse.keeper, purse.store.id, wrong)
    assert refused.value.params["fields"] == [
        {"path": "branch_name", "problem": "too_long"},
        {"path": "holder", "problem": "not_kana"},
    ]


async def test_a_later_bank_account_does_not_move_what_was_asked_for(purse: Purse) -> None:
    asked = await withdraw(purse, 1000)
    await purse.payouts.keep_bank_account(purse.keeper, purse.store.id, msgspec.structs.replace(BANK, number="0000001"))
    await purse.payouts.work()
    assert purse.bank.taken[asked.id].bank.number == "7654321"


async def test_the_operator_gets_the_transfers_of_a_day(purse: Purse) -> None:
    asked = await withdraw(purse, 1234)
    operator = msgspec.structs.replace(purse.keeper, operator=True)
    table = (await purse.payouts.transfers_csv(operator, DAY)).splitlines()
    assert table[1].startswith(f"{asked.id},{purse.store.id},0001,110,ordinary,7654321,ﾐｽﾞﾉ ﾜｶ,1234,pending,")
    file = (await purse.payouts.transfers_file(operator, DAY)).decode("shift_jis").splitlines()
    assert file[1][50:90] == "ﾐｽﾞﾉ ﾜｶ".ljust(30) + "0000001234"
    assert len(await purse.payouts.transfers_file(operator, date(2026, 11, 23))) == 3 * 122
    with pytest.raises(Forbidden):
        await purse.payouts.transfers_file(msgspec.structs.replace(purse.keeper, operator=False), DAY)


async def test_a_bank_is_not_given_what_the_gateway_transfers_itself(purse: Purse) -> None:
    asked = await withdraw(purse, 1234)
    purse.bank.by_hand = False
    operator = msgspec.structs.replace(purse.keeper, operator=True)
    assert asked.id in await purse.payouts.transfers_csv(operator, DAY)
    with pytest.raises(NotByHand):
        await purse.payouts.transfers_file(operator, DAY)


async def test_without_a_sender_there_is_no_file(purse: Purse) -> None:
    people = purse.people
    without = PayoutService(
        people.db, people.clock, purse.ids, stores=people.stores, ledger=purse.ledger, house=purse.bank
    )
    with pytest.raises(NoSender):
        await without.transfers_file(msgspec.structs.replace(purse.keeper, operator=True), DAY)
