"""Stripe leaves out of its objects what does not apply to them."""

from typing import Any

import pytest
import stripe

from ennichi.payments import Arrived, Failed, Outflow, Sent
from ennichi.payments.adapters.stripe.reading import payout_of, refund_of


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"status": "succeeded"}, Arrived("x")),
        ({"status": "pending"}, Sent("x")),
        ({"status": "requires_action"}, Sent("x")),
        ({"status": "canceled"}, Failed("canceled")),
        ({"status": "failed", "failure_reason": "lost_or_stolen_card"}, Failed("lost_or_stolen_card")),
        ({"status": "failed"}, Failed("failed")),
    ],
)
def test_refunds(said: dict[str, Any], answer: Outflow) -> None:
    assert refund_of(stripe.Refund.construct_from({"id": "x", **said}, None)) == answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"status": "paid"}, Arrived("x")),
        ({"status": "in_transit"}, Sent("x")),
        ({"status": "canceled"}, Failed("canceled")),
        ({"status": "failed", "failure_code": "account_closed"}, Failed("account_closed")),
    ],
)
def test_payouts(said: dict[str, Any], answer: Outflow) -> None:
    assert payout_of(stripe.Payout.construct_from({"id": "x", **said}, None)) == answer
