"""A store's money over HTTP: balance, history, bank account, withdrawals; and the market's transfers."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from ennichi.ledger import KeptBankAccount, Line, Money, NewBankAccount, NewPayout, Payout
from ennichi.web.checkout import IdempotencyKey
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["money"]
PAYOUTS_PER_MINUTE = 20

Day = Annotated[date, QueryParameter(description="A day in Japan, as 2026-11-22.")]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_looking(app), *_withdrawing(app), *_transfers(app)]


def _looking(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/stores/{store_id:str}/money",
        tags=TAGS,
        operation_id="getMoney",
        summary="A store's balance, bank account and withdrawals, for its members",
        responses=documented(401, 403, 404),
    )
    async def money(store_id: FromPath[str], actor: Actor) -> Money:
        return await app.payouts.money(actor, store_id)

    @get(
        "/api/v1/stores/{store_id:str}/money/lines",
        tags=TAGS,
        operation_id="listMoneyLines",
        summary="What changed a store's money, the latest first, 50 at a time",
        responses=documented(401, 403, 404),
    )
    async def lines(
        store_id: FromPath[str],
        actor: Actor,
        before: Annotated[
            int | None, QueryParameter(ge=1, le=2**53, description="The id of the last line that is known.")
        ] = None,
    ) -> list[Line]:
        return await app.ledger.my_lines(actor, store_id, before=before)

    return [money, lines]


def _withdrawing(app: "App") -> list[HTTPRouteHandler]:
    @put(
        "/api/v1/stores/{store_id:str}/bank-account",
        tags=TAGS,
        operation_id="putBankAccount",
        summary="Say where withdrawals go",
        description="Names may be written in any kana; they are kept in the half-width kana that banks use.",
        responses=documented(401, 403, 404),
    )
    async def bank(store_id: FromPath[str], data: JSONBody[NewBankAccount], actor: Actor) -> KeptBankAccount:
        return await app.payouts.keep_bank_account(actor, store_id, data)

    @post(
        "/api/v1/stores/{store_id:str}/payouts",
        tags=TAGS,
        operation_id="withdraw",
        summary="Withdraw money to the store's bank account",
        description="It leaves the balance at once and comes back when the bank refuses it. "
        "409 payout.too_large {available}, payout.bank_account_missing, idempotency.reused.",
        responses=documented(401, 403, 404, 409),
    )
    async def withdraw(store_id: FromPath[str], data: JSONBody[NewPayout], key: IdempotencyKey, actor: Actor) -> Payout:
        app.limits.take(f"payouts {actor.id}", PAYOUTS_PER_MINUTE, 60)
        return await app.payouts.withdraw(actor, store_id, data, key)

    return [bank, withdraw]


def _transfers(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/transfers.csv",
        tags=TAGS,
        operation_id="getTransfersTable",
        summary="All stores' withdrawals of a day, for the operator, as CSV",
        media_type="text/csv",
        responses=documented(401, 403),
    )
    async def table(actor: Actor, day: Day) -> Response[bytes]:
        text = await app.payouts.transfers_csv(actor, day)
        return _file(text.encode("utf-8-sig"), f"transfers-{day:%Y%m%d}.csv", kind="text/csv", encoding="utf-8")

    @get(
        "/api/v1/transfers.txt",
        tags=TAGS,
        operation_id="getTransfersFile",
        summary="The same as a 全銀 file for the market's bank",
        description="Lines of 120 bytes in Shift_JIS. 409 payout.not_by_hand, payout.sender_missing.",
        media_type="text/plain",
        responses=documented(401, 403, 409),
    )
    async def file(actor: Actor, day: Day) -> Response[bytes]:
        body = await app.payouts.transfers_file(actor, day)
        return _file(body, f"transfers-{day:%Y%m%d}.txt", kind="text/plain", encoding="shift_jis")

    return [table, file]


def _file(body: bytes, name: str, *, kind: str, encoding: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, encoding=encoding, headers=headers)
