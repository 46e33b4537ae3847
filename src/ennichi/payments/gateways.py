"""Which gateway there is to choose from, besides the sandbox."""

from typing import TYPE_CHECKING

from msgspec import Struct

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.payments.service.customers import CustomerBook

if TYPE_CHECKING:
    from ennichi.payments.ports import Gateway


class StripeKeys(Struct, kw_only=True, frozen=True):
    """What Stripe gives to whoever opens an account there."""

    secret: str
    publishable: str
    webhook: str


def stripe_gateway(db: Database, clock: Clock, keys: StripeKeys, *, api_base: str | None = None) -> "Gateway":
    """Stripe as the gateway. `api_base` names another house that speaks like it, for tests."""
    # Its SDK takes a fifth of a second to load, and most installations have no account there.
    from ennichi.payments.adapters.stripe import StripeGateway  # noqa: PLC0415 (see above)

    return StripeGateway(
        clock,
        CustomerBook(db),
        secret_key=keys.secret,
        publishable_key=keys.publishable,
        webhook_secret=keys.webhook,
        api_base=api_base,
    )
