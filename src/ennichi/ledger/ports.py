"""Whoever carries money to a store's bank account: the part of a payments gateway that the ledger needs."""

from typing import Protocol

from ennichi.payments import Outflow, Transfer


class PayoutHouse(Protocol):
    """Never called inside a database transaction. Whatever it raises leaves the outcome unknown."""

    @property
    def by_hand(self) -> bool:
        """Whether it only keeps account of transfers, and the market makes them at its own bank."""
        ...

    async def payout(self, transfer: Transfer) -> Outflow:
        """Send money. The same transfer again sends nothing more and answers with how it stands."""
        ...

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        """How a transfer stands; None when it never arrived."""
        ...
