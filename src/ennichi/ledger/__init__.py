"""The ledger: the double-entry book of all money, what stores may withdraw, and their withdrawals."""

from ennichi.ledger.errors import MoreThanTaken, NoBankAccount, PayoutKeyReused, PayoutTooLarge
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
from ennichi.ledger.ports import PayoutHouse
from ennichi.ledger.service import LedgerService

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
    "Owed",
    "Payout",
    "PayoutHouse",
    "PayoutKeyReused",
    "PayoutMoved",
    "PayoutState",
    "PayoutTooLarge",
    "Sale",
    "Settlement",
]
