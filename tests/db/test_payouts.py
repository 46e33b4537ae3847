"""Withdrawals: what may be taken out, once; carried out whatever fails; back when the bank cannot."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from tests.support.till import BANK, Till, till_on

from ennichi.kit.errors import Forbidden, Invalid
from ennichi.ledger import (
    NewPayout,
    NoBankAccount,
    NoSender,
    Payout,
    PayoutKeyReused,
    PayoutService,
    PayoutTooLarge,
)
from ennichi.stores import StoreNotFound

DAY = date(2026, 11, 22)


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    async with till_on(db_url, tmp_path) as opened:
        await opened.settle(await opened.sale(10_000), reserve_bps=0)
        yield opened


async def withdraw(till: Till, amount: int, key: str = "key") -> Payout:
    await till.payouts.keep_bank_account(till.keeper, till.store.id, BANK)
    return await till.payouts.withdraw(till.keeper, till.store.id, NewPayout(amount=amount), key)


async def later(till: Till, seconds: float = 7200) -> None:
    till.people.clock.advance(seconds)
    await till.payouts.work()


async def state(till: Till) -> list[str]:
    return [one.state for one in (await till.payouts.money(till.keeper, till.store.id)).payouts]


async def test_it_leaves_the_balance_at_once_is_sent_and_arrives(till: Till) -> None:
    asked = await withdraw(till, 5000)
    assert (asked.state, asked.amount, asked.bank.ends, asked.bank.holder) == ("pending", 5000, "321", "ﾐｽﾞﾉ ﾜｶ")
    assert await till.parts() == (0, 3900, 0, 5000)
    await till.payouts.work()
    assert await state(till) == ["sent"]
    assert till.bank.taken[asked.id].bank.number == "7654321"
    till.bank.settle(asked.id)
    await later(till)
    money = await till.payouts.money(till.keeper, till.store.id)
    assert (money.payouts[0].state, money.balance.paid_out, money.balance.on_the_way) == ("settled", 5000, 0)
    assert await till.account("gateway") == 5000
    assert [moved.state for moved in till.told] == ["pending", "sent", "settled"]
    assert till.bank.asked == 1


async def test_what_the_bank_sends_back_is_available_again(till: Till) -> None:
    asked = await withdraw(till, 8900)
    till.bank.fail(asked.id)
    await till.payouts.work()
    money = await till.payouts.money(till.keeper, till.store.id)
    assert (money.payouts[0].state, money.payouts[0].reason) == ("failed", "account_closed")
    assert await till.parts() == (0, 8900, 0, 0)
    await later(till)
    assert await till.parts() == (0, 8900, 0, 0)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_silent_bank_is_asked_again_and_never_pays_twice(till: Till, when: str) -> None:
    asked = await withdraw(till, 1000)
    till.bank.silent = when
    await till.payouts.work()
    assert await state(till) == ["pending"]
    assert await till.parts() == (0, 7900, 0, 1000)
    await till.payouts.work()
    till.bank.silent = None
    till.bank.settle(asked.id)
    await later(till)
    assert await state(till) == ["settled"]
    assert list(till.bank.taken) == [asked.id]
    assert till.bank.asked <= 2


async def test_one_that_cannot_be_sent_does_not_hold_up_the_others(till: Till) -> None:
    first = await withdraw(till, 1000, "one")
    till.bank.silent = "before"
    await till.payouts.work()
    till.bank.silent = None
    second = await withdraw(till, 2000, "two")
    await till.payouts.work()
    assert set(till.bank.taken) == {second.id}
    await later(till)
    assert set(till.bank.taken) == {first.id, second.id}


async def test_several_processes_send_it_once(till: Till) -> None:
    await withdraw(till, 1000)
    await asyncio.gather(*[till.payouts.work() for _ in range(5)])
    assert till.bank.asked == 1


async def test_no_more_than_is_available_however_many_ask_at_once(till: Till) -> None:
    await till.payouts.keep_bank_account(till.keeper, till.store.id, BANK)
    asked = [till.payouts.withdraw(till.keeper, till.store.id, NewPayout(amount=3000), f"k{n}") for n in range(6)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Payout) for one in done) == 2
    refused = [one for one in done if isinstance(one, PayoutTooLarge)]
    assert [one.params for one in refused] == [{"available": 2900}] * 4


async def test_the_same_key_withdraws_once(till: Till) -> None:
    first = await withdraw(till, 1000)
    assert await withdraw(till, 1000) == first
    with pytest.raises(PayoutKeyReused):
        await withdraw(till, 1001)
    assert await till.parts() == (0, 7900, 0, 1000)


async def test_a_refund_after_everything_was_withdrawn_is_owed_by_the_store(till: Till) -> None:
    order = await till.sale(1000)
    await till.settle(order, fee_bps=0, reserve_bps=0)
    await withdraw(till, 9900)
    await till.owe(order, 1000)
    assert await till.parts() == (0, -1000, 0, 9900)
    with pytest.raises(PayoutTooLarge) as refused:
        await withdraw(till, 1, "another")
    assert refused.value.params == {"available": 0}


async def test_only_members_and_only_with_a_bank_account(till: Till) -> None:
    with pytest.raises(NoBankAccount):
        await till.payouts.withdraw(till.keeper, till.store.id, NewPayout(amount=1), "key")
    stranger = await till.people.person("Stranger")
    with pytest.raises(Forbidden):
        await till.payouts.keep_bank_account(stranger, till.store.id, BANK)
    with pytest.raises(Forbidden):
        await till.payouts.withdraw(stranger, till.store.id, NewPayout(amount=1), "key")
    with pytest.raises(Forbidden):
        await till.payouts.money(stranger, till.store.id)
    with pytest.raises(StoreNotFound):
        await till.payouts.money(till.keeper, "nowhere")


async def test_names_no_bank_can_write_are_named(till: Till) -> None:
    wrong = msgspec.structs.replace(BANK, holder="水野わか", branch_name="ア" * 16)
    with pytest.raises(Invalid) as refused:
        await till.payouts.keep_bank_account(till.keeper, till.store.id, wrong)
    assert refused.value.params["fields"] == [
        {"path": "branch_name", "problem": "too_long"},
        {"path": "holder", "problem": "not_kana"},
    ]


async def test_a_later_bank_account_does_not_move_what_was_asked_for(till: Till) -> None:
    asked = await withdraw(till, 1000)
    await till.payouts.keep_bank_account(till.keeper, till.store.id, msgspec.structs.replace(BANK, number="0000001"))
    await till.payouts.work()
    assert till.bank.taken[asked.id].bank.number == "7654321"


async def test_the_operator_gets_the_transfers_of_a_day(till: Till) -> None:
    asked = await withdraw(till, 1234)
    operator = msgspec.structs.replace(till.keeper, operator=True)
    table = (await till.payouts.transfers_csv(operator, DAY)).splitlines()
    assert table[1].startswith(f"{asked.id},{till.store.id},0001,110,ordinary,7654321,ﾐｽﾞﾉ ﾜｶ,1234,pending,")
    file = (await till.payouts.transfers_file(operator, DAY)).decode("shift_jis").splitlines()
    assert file[1][50:90] == "ﾐｽﾞﾉ ﾜｶ".ljust(30) + "0000001234"
    assert len(await till.payouts.transfers_file(operator, date(2026, 11, 23))) == 3 * 122
    with pytest.raises(Forbidden):
        await till.payouts.transfers_file(msgspec.structs.replace(till.keeper, operator=False), DAY)


async def test_without_a_sender_there_is_no_file(till: Till) -> None:
    people = till.people
    without = PayoutService(
        people.db, people.clock, till.ids, stores=people.stores, ledger=till.ledger, house=till.bank
    )
    with pytest.raises(NoSender):
        await without.transfers_file(msgspec.structs.replace(till.keeper, operator=True), DAY)
