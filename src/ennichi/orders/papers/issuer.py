"""Who issues a receipt."""

from msgspec import Struct

from ennichi.orders.papers.model import Issuer
from ennichi.stores import StoreRow


class Market(Struct, kw_only=True, frozen=True):
    """Who runs this market, as far as they said."""

    name: str | None = None
    address: str | None = None
    number: str | None = None


def issuer_of(store: StoreRow, market: Market) -> Issuer:
    """The store; or the market for it, where it is set so and both are registered, as the law asks for."""
    seller = store.legal_seller or store.name
    if store.invoice_by_market and store.invoice_number and market.name and market.number:
        return Issuer(
            name=market.name, address=market.address or "", number=market.number, seller=seller, by_market=True
        )
    return Issuer(name=seller, address=store.legal.address, number=store.invoice_number or None, seller=store.name)
