"""Money in entries: every one sums to zero, nobody gets more than there is, and the order of things does not matter."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ennichi.ledger import book

S = "0" * 20
amounts = st.integers(1, 99_999_999)
bps = st.integers(0, 10_000)


def test_the_fee_is_floored_and_so_is_the_tax_on_it() -> None:
    assert book.shares(1999, fee_bps=1000, reserve_bps=500) == book.Shares(store=1682, fee=199, fee_tax=19, reserve=99)
    assert book.shares(9, fee_bps=1000, reserve_bps=1000) == book.Shares(store=9, fee=0, fee_tax=0, reserve=0)
    assert book.shares(0, fee_bps=1000, reserve_bps=500) == book.Shares(store=0, fee=0, fee_tax=0, reserve=0)


@given(amount=st.integers(0, 99_999_999), fee=bps, kept=bps)
def test_shares_are_all_of_it_and_none_is_negative(amount: int, fee: int, kept: int) -> None:
    parts = book.shares(amount, fee_bps=fee, reserve_bps=kept)
    assert parts.store + parts.fee + parts.fee_tax + parts.reserve == amount
    assert min(parts.store, parts.fee, parts.fee_tax, parts.reserve) >= 0
    assert parts.fee_tax == parts.fee // 10
    assert parts.fee <= amount * fee // 10_000


@given(amount=amounts, fee=bps, kept=bps, parts=st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_many_partial_refunds_end_as_one_of_their_sum(amount: int, fee: int, kept: int, parts: list[int]) -> None:
    sums = Counter(book.settled(amount, S, fee_bps=fee, reserve_bps=kept))
    assert sum(sums.values()) == 0
    del sums[book.clearing(S)]
    at_once = dict(sums)
    backs = [amount * part // (sum(parts) + 1) for part in parts]
    for back in backs:
        change = book.taken_back(sums, back, S, fee_bps=fee, reserve_bps=kept)
        assert sum(change.values()) == 0
        for account, moved in change.items():
            sums[account] += moved
        assert book.left(sums, S) >= 0
    change = book.taken_back(at_once, sum(backs), S, fee_bps=fee, reserve_bps=kept)
    assert {account: at_once.get(account, 0) + change.get(account, 0) for account in sums} == dict(sums)


@given(amount=amounts, back=amounts, fee=bps, kept=bps)
def test_a_refund_that_comes_to_nothing_leaves_no_trace(amount: int, back: int, fee: int, kept: int) -> None:
    sums = Counter(book.settled(amount, S, fee_bps=fee, reserve_bps=kept))
    del sums[book.clearing(S)]
    before = {account: value for account, value in sums.items() if value}
    for part in (min(back, amount), -min(back, amount)):
        for account, moved in book.taken_back(sums, part, S, fee_bps=fee, reserve_bps=kept).items():
            sums[account] += moved
    assert {account: value for account, value in sums.items() if value} == before
