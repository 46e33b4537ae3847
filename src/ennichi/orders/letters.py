"""What letters about orders say, in each language."""

from datetime import date, datetime

from msgspec import Struct

from ennichi import locale
from ennichi.kit.clock import JAPAN
from ennichi.orders.carriers import CARRIERS, page_of
from ennichi.orders.rows import MailRow, OrderRow
from ennichi.payments import Instructions


class Letter(Struct, frozen=True, kw_only=True):
    """What a letter is about, and to whom it goes."""

    mail: MailRow
    order: OrderRow
    person: str
    store: str
    link: str
    at_shop: Instructions | None


def write(lang: str, letter: Letter) -> tuple[str, str]:
    """Subject and text."""
    mail, order = letter.mail, letter.order
    side = f"{mail.kind}_{mail.to}" if mail.kind == "message" else mail.kind
    words = {
        "number": order.number,
        "person": letter.person,
        "store": letter.store,
        "things": things(lang, order),
        "total": yen(order.total),
        "link": letter.link,
        "reason": f"\n{mail.reason}\n" if mail.reason else "",
        "amount": yen(mail.amount or 0),
        "arrives": day(lang, order.arrives_by),
        "parcel": _parcel(lang, order),
        "back": locale.text(lang, "order_mail.money_back", amount=yen(mail.amount)) if mail.amount else "",
        "shop": _at_shop(lang, letter.at_shop),
    }
    text = locale.text(lang, f"order_mail.{side}_text", **words)
    return locale.text(lang, f"order_mail.{side}_subject", **words), text


def things(lang: str, order: OrderRow) -> str:
    """What was bought, in a line."""
    if order.lines_count > 1:
        return locale.text(lang, "order_mail.and_more", title=order.title, count=order.lines_count - 1)
    return order.title if order.quantity == 1 else f"{order.title} × {order.quantity}"


def yen(amount: int) -> str:
    """An amount as people write it."""
    return f"¥{amount:,}"


def day(lang: str, when: date) -> str:
    """A day as people write it."""
    return locale.text(lang, "order_mail.day", month=when.month, day=when.day, month_name=when.strftime("%b"))


def moment(lang: str, when: datetime) -> str:
    """A day and a clock time in Japan."""
    local = when.astimezone(JAPAN)
    return f"{day(lang, local.date())} {local:%H:%M}"


def carrier_name(lang: str, carrier: str) -> str:
    """A carrier as people call it: a known one by its own name, any other as it was written."""
    return locale.text(lang, f"carrier.{carrier}") if carrier in CARRIERS else carrier


def _parcel(lang: str, order: OrderRow) -> str:
    if not order.carrier:
        return ""
    page = page_of(order.carrier, order.tracking or "")
    lines = [f"{carrier_name(lang, order.carrier)}  {order.tracking or ''}".rstrip(), page or ""]
    return "\n".join(line for line in lines if line)


def _at_shop(lang: str, said: Instructions | None) -> str:
    if said is None:
        return ""
    return locale.text(
        lang,
        "order_mail.at_shop",
        number=said.number,
        confirmation=said.confirmation,
        until=moment(lang, said.pay_by),
        url=said.url,
    )
