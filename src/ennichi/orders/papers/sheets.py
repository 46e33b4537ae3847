"""Papers as sheets: what is set where, as words of one language. The templates beside this know no sums."""

from datetime import date
from typing import Any

from ennichi import locale
from ennichi.orders.papers.model import REDUCED, RateSum, Receipt, Slip
from ennichi.payments import PaidWith


def receipt_sheet(receipt: Receipt, lang: str) -> dict[str, Any]:
    """The receipt in words."""
    words = _Words(lang)
    issuer = receipt.issuer
    title = ("receipt_full" if receipt.kind == "full" else "receipt_simple") if receipt.qualified else "receipt_plain"
    return {
        "lang": words.lang,
        "color": receipt.color,
        "title": words("receipt"),
        "kind": words(title),
        "recipient": words("recipient", name=receipt.recipient) if receipt.recipient else None,
        "total": words.yen(receipt.total),
        "purpose": words("purpose" if receipt.shipping else "purpose_without_shipping"),
        "facts": [
            [words("number"), receipt.number],
            [words("paid_on"), words.day(receipt.paid_on)],
            [words("dealt_on"), words.day(receipt.dealt_on)],
            [words("paid_with"), words.paid_with(receipt.paid_with)],
        ],
        "heads": [words(name) for name in ("thing", "quantity", "unit_price", "rate", "amount")],
        "rows": [
            [
                f"{line.title} {line.variant}".strip() + (" ※" if line.tax_rate == REDUCED else ""),
                f"{line.quantity:,}",
                words.yen(line.unit_price),
                f"{line.tax_rate}%",
                words.yen(line.amount),
            ]
            for line in receipt.lines
        ]
        + (
            [[words("shipping"), "1", words.yen(receipt.shipping), "10%", words.yen(receipt.shipping)]]
            * bool(receipt.shipping)
        ),
        "sum": [words("sum"), words.yen(receipt.total)],
        "rates": [words.rate(one, "", taxed=receipt.qualified) for one in receipt.rates],
        "tax": [words("tax_in_all"), words.yen(receipt.tax)] if receipt.qualified and len(receipt.rates) > 1 else None,
        "reduced": words("reduced") if any(line.tax_rate == REDUCED for line in receipt.lines) else None,
        "returned_title": words("returned" if receipt.qualified else "returned_plain") if receipt.returned else None,
        "returned": [
            {
                "head": [words("returned_on", on=words.day(one.on)), f"−{words.yen(one.amount)}"],
                "rates": [words.rate(rate, "−", taxed=receipt.qualified) for rate in one.rates],
            }
            for one in receipt.returned
        ],
        "returned_of": words("returned_of", on=words.day(receipt.dealt_on), number=receipt.number),
        "net": [words("net"), words.yen(receipt.net)] if receipt.returned else None,
        "issuer": issuer.name,
        "issuer_lines": [
            line
            for line in (
                issuer.address,
                words("registered", number=issuer.number) if receipt.qualified else "",
                words("seller", name=issuer.seller) if issuer.seller != issuer.name else "",
            )
            if line
        ],
        "notes": [
            words(name)
            for name, said in (
                ("by_market", issuer.by_market),
                ("not_qualified", not receipt.qualified),
                ("one_deal", True),
            )
            if said
        ],
    }


def slip_sheet(slip: Slip, lang: str) -> dict[str, Any]:
    """The packing slip in words."""
    words = _Words(lang)
    names = ("thing", "quantity", "unit_price", "amount") if slip.prices else ("thing", "quantity")
    cells = [
        [
            f"{line.title} {line.variant}".strip(),
            f"{line.quantity:,}",
            words.yen(line.unit_price),
            words.yen(line.amount),
        ]
        for line in slip.lines
    ]
    return {
        "lang": words.lang,
        "title": words("slip"),
        "recipient": words("recipient", name=slip.recipient),
        "address": [f"〒{slip.postal_code[:3]}-{slip.postal_code[3:]}", *slip.address, slip.phone],
        "facts": [[words("number"), slip.number], [words("ordered_on"), words.day(slip.placed_on)]],
        "heads": [words(name) for name in names],
        "rows": [row[: len(names)] for row in cells],
        "sums": [[words("shipping"), words.yen(slip.shipping)], [words("sum"), words.yen(slip.total)]]
        if slip.prices
        else [],
        "count": words("count", count=f"{sum(line.quantity for line in slip.lines):,}"),
        "message_title": words("message"),
        "message": slip.message or None,
        "thanks": words("thanks"),
        "seller": slip.seller,
        "seller_lines": [line for line in (slip.seller_address, slip.seller_contact) if line],
    }


class _Words:
    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in locale.languages() else locale.FALLBACK

    def __call__(self, key: str, /, **params: object) -> str:
        return locale.text(self.lang, f"paper.{key}", **params)

    def yen(self, amount: int) -> str:
        return f"¥{amount:,}"

    def day(self, on: date) -> str:
        return self("day", year=on.year, month=on.month, day=on.day, name=f"{on:%b}")

    def paid_with(self, paid: PaidWith) -> str:
        words = self(paid.method)
        return f"{words} ({paid.brand.upper()} ··{paid.last4})" if paid.brand and paid.last4 else words

    def rate(self, one: RateSum, sign: str, *, taxed: bool) -> list[str]:
        tax = self("tax_within", tax=f"{sign}{self.yen(one.tax)}") if taxed else ""
        return [self("of_rate", rate=one.rate), f"{sign}{self.yen(one.amount)}", tax]
