"""What can stand against moving money."""

from ennichi.kit.errors import Conflict


class MoreThanTaken(Conflict):
    """An order's buyer cannot get back more than is left of what was paid (`left`)."""

    code = "ledger.more_than_taken"
    message = "More than is left of this order's money."


class PayoutTooLarge(Conflict):
    """More than may be withdrawn now (`available`)."""

    code = "payout.too_large"
    message = "More than may be withdrawn now."


class NoBankAccount(Conflict):
    """The store has not said yet where its withdrawals go."""

    code = "payout.bank_account_missing"
    message = "Say first which bank account it goes to."


class PayoutKeyReused(Conflict):
    """The key came with another amount before."""

    code = "idempotency.reused"
    message = "This Idempotency-Key came with other content before."


class NotByHand(Conflict):
    """The gateway makes the transfers itself; a file of them at a bank would pay them twice."""

    code = "payout.not_by_hand"
    message = "The gateway makes these transfers itself."


class NoSender(Conflict):
    """The operator has not set from which account transfers are made."""

    code = "payout.sender_missing"
    message = "Set ENNICHI_PAYOUT_SENDER first: the account that transfers are made from."
