"""What payments tells about itself."""

from msgspec import Struct

from ennichi.payments.model import Refund, Settled


class PaymentsSettled(Struct, frozen=True):
    """Charges moved, all in the transaction this is told in; each charge is here once for each move."""

    settled: list[Settled]


class RefundsSettled(Struct, frozen=True):
    """Refunds came to their end, succeeded or failed. Money that was never ours to keep is not among them."""

    refunds: list[Refund]
