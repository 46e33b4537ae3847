"""What happened to withdrawals."""

from msgspec import Struct

from ennichi.ledger.model import PayoutState


class PayoutMoved(Struct, frozen=True):
    """A withdrawal was asked for, or came a step further."""

    payout_id: str
    store_id: str
    state: PayoutState
