"""The ledger: the double-entry book of all money, what stores may withdraw, and their withdrawals."""

from ennichi.ledger.errors import MoreThanTaken, NoBankAccount, NoSender, NotByHand, PayoutKeyReused, PayoutTooLarge
from ennichi.ledger.events import PayoutMoved
from ennichi.ledger.model import (
    Balance,
    KeptBankAccount,
    Line,
    LineKind,
    Money,
    NewBankAccount,
    NewPayout,
    Owed,
    Payout,
    PayoutState,
    Sale,
    Settlement,
)
from ennichi.ledger.payouts import PayoutService
from ennichi.ledger.ports import PayoutHouse
from ennichi.ledger.service import LedgerService
from ennichi.ledger.zengin import Sender, sender_of

__all__ = [
    "Balance",
    "KeptBankAccount",
    "LedgerService",
    "Line",
    "LineKind",
    "Money",
    "MoreThanTaken",
    "NewBankAccount",
    "NewPayout",
    "NoBankAccount",
    "NoSender",
    "NotByHand",
    "Owed",
    "Payout",
    "PayoutHouse",
    "PayoutKeyReused",
    "PayoutMoved",
    "PayoutService",
    "PayoutState",
    "PayoutTooLarge",
    "Sale",
    "Sender",
    "Settlement",
    "sender_of",
]
