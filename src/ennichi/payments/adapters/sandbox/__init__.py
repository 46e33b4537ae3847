"""The sandbox gateway: books, pages and messages of its own, and no money."""

from ennichi.payments.adapters.sandbox.cards import SandboxCard
from ennichi.payments.adapters.sandbox.desk import SandboxPayment, Step
from ennichi.payments.adapters.sandbox.gateway import SandboxGateway
from ennichi.payments.adapters.sandbox.telling import Message

__all__ = ["Message", "SandboxCard", "SandboxGateway", "SandboxPayment", "Step"]
