"""Stripe."""

from ennichi.payments.adapters.stripe.gateway import StripeGateway

__all__ = ["StripeGateway"]
