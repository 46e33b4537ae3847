"""Payments as values: cards people keep, charges, refunds, and what a gateway may answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Brand = Literal["visa", "mastercard", "jcb", "amex", "diners", "discover", "unionpay", "other"]
Method = Literal["card", "konbini"]
DeclineReason = Literal[
    "card_declined",
    "insufficient_funds",
    "expired_card",
    "authentication_failed",
    "processing_error",
    "expired",
    "cancelled",
]
"""`expired`: the buyer let the time to pay or to prove who they are go by. `cancelled`: given up before it was paid."""

ChargeState = Literal["pending", "action_required", "awaiting", "succeeded", "declined", "void"]
RefundState = Literal["pending", "sent", "succeeded", "failed"]

CHARGE_TRANSITIONS: Mapping[ChargeState, frozenset[ChargeState]] = {
    "pending": frozenset({"action_required", "awaiting", "succeeded", "declined", "void"}),
    "action_required": frozenset({"awaiting", "succeeded", "declined", "void"}),
    "awaiting": frozenset({"succeeded", "declined"}),
    "succeeded": frozenset(),
    "declined": frozenset(),
    "void": frozenset(),
}
"""`void` is a charge that never was: whoever asked for it crashed first, or the buyer gave it up."""

OPEN_STATES: frozenset[ChargeState] = frozenset(state for state, after in CHARGE_TRANSITIONS.items() if after)


class Card(Struct, kw_only=True, frozen=True):
    """A saved payment method; the number is never known here."""

    id: str
    brand: Brand
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    exp_month: Annotated[int, Meta(ge=1, le=12)]
    exp_year: int


class GatewayCard(Struct, kw_only=True, frozen=True):
    """What a gateway tells about the card behind one of its references."""

    ref: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int


class PayByCard(Struct, kw_only=True, frozen=True, tag_field="type", tag="card"):
    """With a card: a token of the gateway's own form, or one that is saved; with neither, the saved one used last."""

    token: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    card_id: str | None = None


class PayByKonbini(Struct, kw_only=True, frozen=True, tag_field="type", tag="konbini"):
    """In cash at the counter of a convenience store, later."""


Pay = PayByCard | PayByKonbini


class Means(Struct, kw_only=True, frozen=True):
    """What a charge goes to, chosen and known to the gateway."""

    method: Method
    card: GatewayCard | None = None


class PaidWith(Struct, kw_only=True, frozen=True):
    """How somebody pays, for people to read."""

    method: Method
    brand: Brand | None = None
    last4: str | None = None


class NewCharge(Struct, kw_only=True, frozen=True):
    """A charge to be made.

    `save` keeps the card for next time once the money is taken. Where the store has an account of its own at the
    gateway, the money goes there, less the market's fee. The payer's name and address are what a gateway wants for
    konbini.
    """

    account_id: str
    amount: int
    means: Means
    store_id: str | None = None
    save: bool = False
    return_url: str = ""
    payer_name: str = ""
    payer_email: str = ""


class Action(Struct, kw_only=True, frozen=True):
    """What the buyer has to do before the money can be taken.

    `page`: show `url`, in a frame or whole; it posts `ennichi:payment` to who opened it when it is done. `stripe`:
    hand `client_secret` to Stripe's own program in the page.
    """

    kind: Literal["page", "stripe"]
    url: str | None = None
    client_secret: str | None = None


class Instructions(Struct, kw_only=True, frozen=True):
    """How and until when to pay at a konbini's counter; `url` is the gateway's page that says the same."""

    kind: Literal["konbini"] = "konbini"
    number: str
    confirmation: str
    url: str
    pay_by: datetime


class Authorised(Struct, frozen=True, tag="authorised"):
    """The card's bank has agreed and nothing is taken yet. Between the gateway and the service only."""

    reference: str


class Captured(Struct, frozen=True, tag="captured"):
    """The money is taken; `reference` is the gateway's own name for it."""

    reference: str


class ActionRequired(Struct, frozen=True, tag="action_required"):
    """The buyer has to prove who they are (3-D Secure) before `expires_at`."""

    reference: str
    action: Action
    expires_at: datetime


class Awaiting(Struct, frozen=True, tag="awaiting"):
    """The buyer pays later, at a counter."""

    reference: str
    instructions: Instructions


class Declined(Struct, frozen=True, tag="declined"):
    """The money is not taken."""

    reason: DeclineReason


Outcome = Captured | ActionRequired | Awaiting | Declined
"""What becomes of a charge. Where None is possible, it means that the charge never was."""

Answer = Authorised | Outcome
"""What a gateway says of a charge."""


class Charge(Struct, kw_only=True, frozen=True):
    """One attempt to take money; its id is the idempotency key the gateway gets."""

    id: str
    account_id: str
    method: Method
    card: GatewayCard | None
    amount: int
    currency: str
    save: bool
    destination: str | None
    fee: int
    return_url: str
    payer_name: str
    payer_email: str
    state: ChargeState
    reason: DeclineReason | None
    reference: str | None
    action: Action | None
    instructions: Instructions | None
    expires_at: datetime | None
    created_at: datetime

    def paid_with(self) -> PaidWith:
        """How it is paid, for people to read."""
        return PaidWith(
            method=self.method,
            brand=self.card.brand if self.card else None,
            last4=self.card.last4 if self.card else None,
        )


class Settled(Struct, kw_only=True, frozen=True):
    """A charge that moved: as it is now, the state it was in before, and what the gateway said (None: void)."""

    charge: Charge
    before: ChargeState
    outcome: Outcome | None


class Refund(Struct, kw_only=True, frozen=True):
    """Money on its way back to the buyer: pending, then sent where the gateway takes its time, then at its end."""

    id: str
    charge_id: str
    amount: int
    state: RefundState
    reason: str | None
    reference: str | None
    created_at: datetime


class Sent(Struct, frozen=True):
    """The order is taken, and not carried out yet."""

    reference: str


class Arrived(Struct, frozen=True):
    """The money is where it was to go."""

    reference: str


class Failed(Struct, frozen=True):
    """The order is not taken, or the money came back."""

    reason: str


Outflow = Sent | Arrived | Failed
"""What a gateway says of money that it is to send: back to a buyer, or to a store's bank."""


class BankAccount(Struct, kw_only=True, frozen=True):
    """An account at a Japanese bank, in the terms of 全銀 (Zengin) files; `holder` is in half-width kana."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    kind: Literal["ordinary", "current", "savings"]
    number: str
    holder: str


class Transfer(Struct, kw_only=True, frozen=True):
    """Money to be sent to a store's bank; its id is the idempotency key.

    `destination`: the store's own account at the gateway, where it has one; the money is there already.
    """

    id: str
    store_id: str
    amount: int
    bank: BankAccount
    destination: str | None = None


class Hint(Struct, kw_only=True, frozen=True):
    """What a verified webhook is about. It says where to look, never what is true."""

    event_id: str
    type: str
    charge_id: str | None = None
    refund_id: str | None = None


class Onboarding(Struct, kw_only=True, frozen=True):
    """A store's account at the gateway, and the page there where its keeper says who they are."""

    account: str
    url: str


class Payee(Struct, kw_only=True, frozen=True):
    """How far a store's own account at the gateway is: money goes there once it is ready."""

    state: Literal["none", "begun", "ready"]


class PayeeLink(Struct, kw_only=True, frozen=True):
    """The gateway's page where a store's account is opened or completed; it leads there once, and soon."""

    url: str


class Till(Struct, kw_only=True, frozen=True):
    """What a page has to know to let somebody pay."""

    gateway: str
    methods: list[Method]
    publishable_key: Annotated[
        str | None, Meta(description="For the gateway's own program in the page; None where it needs none.")
    ] = None
