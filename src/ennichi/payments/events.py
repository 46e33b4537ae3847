"""What payments tells about itself."""

from msgspec import Struct

from ennichi.payments.model import Refund, Settled


class PaymentsSettled(Struct, frozen=True):
    """Charges moved, all in the transaction this is told in; each charge is here once for each move."""

    settled: list[Settled]


class RefundsSettled(Struct, frozen=True):
    """Refunds came to their end, succeeded or failed. Money that was never ours to keep is not among them."""

    refunds: list[Refund]


class RefundBegun(Struct, frozen=True):
    """Refunds were written down; the job that carries them out may look now."""


class WebhookReceived(Struct, frozen=True):
    """A gateway sent a message; the job that works them may look now."""

    gateway: str


class SandboxSpeaks(Struct, frozen=True):
    """The sandbox gateway has something to tell; the job that sends it may look now."""
