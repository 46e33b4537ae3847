"""Between charges as they are kept and as they are spoken of."""

from datetime import datetime

import msgspec

from ennichi.payments.model import Action, Charge, GatewayCard, Instructions
from ennichi.payments.ports import Sought
from ennichi.payments.queries import ChargeRow


def charge_of(row: ChargeRow) -> Charge:
    """The charge behind a row."""
    return Charge(
        id=row.id,
        account_id=row.account_id,
        method=row.method,
        card=_card(row),
        amount=row.amount,
        currency=row.currency,
        save=row.save,
        destination=row.destination,
        fee=row.fee,
        return_url=row.return_url,
        payer_name=row.payer_name,
        payer_email=row.payer_email,
        state=row.state,
        reason=row.reason,
        reference=row.reference,
        action=msgspec.convert(row.action, Action) if row.action else None,
        instructions=msgspec.convert(row.instructions, Instructions) if row.instructions else None,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )


def sought(charge: Charge) -> Sought:
    """What a gateway needs to find it again."""
    return Sought(
        charge_id=charge.id, account_id=charge.account_id, reference=charge.reference, created_at=charge.created_at
    )


def added(charge: Charge) -> dict[str, object]:
    """A new charge as a record of ADD_CHARGES."""
    card = charge.card
    return {
        "id": charge.id,
        "account_id": charge.account_id,
        "method": charge.method,
        "card_ref": card.ref if card else None,
        "brand": card.brand if card else None,
        "last4": card.last4 if card else None,
        "exp_month": card.exp_month if card else None,
        "exp_year": card.exp_year if card else None,
        "amount": charge.amount,
        "currency": charge.currency,
        "save": charge.save,
        "destination": charge.destination,
        "fee": charge.fee,
        "return_url": charge.return_url,
        "payer_name": charge.payer_name,
        "payer_email": charge.payer_email,
    }


def moved(charge: Charge, look_at: datetime | None) -> dict[str, object]:
    """A charge that moved as a record of MOVE_CHARGES."""
    return {
        "id": charge.id,
        "state": charge.state,
        "reason": charge.reason,
        "reference": charge.reference,
        "action": charge.action,
        "instructions": charge.instructions,
        "expires_at": charge.expires_at,
        "look_at": look_at,
    }


def as_json(rows: list[dict[str, object]]) -> str:
    """Records for a set-based statement."""
    return msgspec.json.encode(rows).decode()


def _card(row: ChargeRow) -> GatewayCard | None:
    if row.card_ref is None or row.brand is None or row.last4 is None or row.exp_month is None or row.exp_year is None:
        return None
    return GatewayCard(
        ref=row.card_ref, brand=row.brand, last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year
    )
